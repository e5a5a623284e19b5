//! The table but for MLflow. Tests check that every variable here is read and that no other is.

use super::{Setting, Topic};

pub(super) const GENERAL: &[Setting] = &[
    Setting::variable(
        Topic::General,
        "OTEL_SDK_DISABLED",
        "`true` or `false`",
        "`false`",
        "Records and exports nothing. Context is still propagated.",
    ),
    Setting::variable(
        Topic::General,
        "OPENCLAW_OTEL_PRELOADED",
        "`1`, `0`, `true` or `false`",
        "`0`",
        "The host has an OpenTelemetry SDK of its own: nothing global is registered.",
    ),
    Setting::variable(
        Topic::General,
        "OPENCLAW_CONFIG",
        "path; `~` is the home folder",
        "`~/.openclaw/openclaw.json`",
        "The JSON5 file with the section `diagnostics`, at most 1 MiB. The default file may be \
         absent, a named one may not.",
    )
    .if_malformed("warning; no file is used"),
    Setting::key(
        Topic::General,
        "diagnostics.enabled",
        "boolean",
        "`true`",
        "`false` switches off what the file says about OTLP and content. What code and \
         environment say stays.",
    ),
    Setting::key(
        Topic::General,
        "diagnostics.otel.enabled",
        "boolean",
        "`true`",
        "The same as `diagnostics.enabled`.",
    ),
    Setting::variable(
        Topic::Resource,
        "OTEL_SERVICE_NAME",
        "text",
        "`service.name` of `OTEL_RESOURCE_ATTRIBUTES`, the file, the name given to the builder, \
         `openclaw`",
        "The resource attribute `service.name`.",
    )
    .or_key("diagnostics.otel.serviceName"),
    Setting::variable(
        Topic::Resource,
        "OTEL_RESOURCE_ATTRIBUTES",
        "`key=value,key=value`, percent-encoded",
        "none",
        "Attributes of the resource. Those set in code win over equal keys.",
    )
    .if_malformed("warning; the whole value is discarded, as the specification demands"),
    Setting::variable(
        Topic::Exporters,
        "OTEL_TRACES_EXPORTER",
        "list of `otlp`, `console`; or `none`",
        "`otlp` where an endpoint is known",
        "Where spans go. `otlp` without a known endpoint means the default one.",
    )
    .or_key("diagnostics.otel.traces")
    .if_malformed("warning; unknown members are ignored"),
    Setting::variable(
        Topic::Exporters,
        "OTEL_METRICS_EXPORTER",
        "list of `otlp`, `console`, `prometheus`; or `none`",
        "`prometheus`, and `otlp` where an endpoint is known",
        "Where metrics go. A list without `prometheus` switches `/metrics` off.",
    )
    .or_key("diagnostics.otel.metrics")
    .if_malformed("warning; unknown members are ignored"),
    Setting::variable(
        Topic::Exporters,
        "OTEL_LOGS_EXPORTER",
        "list of `otlp`, `console`; or `none`",
        "`otlp` where an endpoint is known",
        "Where log records go beside the files. The file's endpoint counts for logs only where \
         `diagnostics.otel.logs` is `true` or this names `otlp`.",
    )
    .or_key("diagnostics.otel.logs")
    .if_malformed("warning; unknown members are ignored"),
    Setting::key(
        Topic::Exporters,
        "diagnostics.otel.logsExporter",
        "`otlp`, `stdout` or `both`",
        "`otlp`",
        "Where log records go while `diagnostics.otel.logs` is `true`.",
    ),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "URL, `http` or `https`; with gRPC also `host:port`",
        "none; `http://localhost:4318`, with gRPC `http://localhost:4317`, where an exporter list \
         names `otlp`",
        "The receiver. The general one is a base to which OTLP/HTTP appends `/v1/traces`, \
         `/v1/metrics` or `/v1/logs`; a signal's own is used as it stands. User name and password \
         belong into the headers.",
    )
    .for_each_signal()
    .or_key("diagnostics.otel.endpoint")
    .if_malformed("warning; OTLP is off for the signals that would use it"),
    Setting::key(
        Topic::Otlp,
        "diagnostics.otel.tracesEndpoint",
        "URL",
        "from `endpoint`",
        "The receiver of spans, used as it stands.",
    )
    .if_malformed("warning; OTLP is off for traces"),
    Setting::key(
        Topic::Otlp,
        "diagnostics.otel.metricsEndpoint",
        "URL",
        "from `endpoint`",
        "The receiver of metrics, used as it stands.",
    )
    .if_malformed("warning; OTLP is off for metrics"),
    Setting::key(
        Topic::Otlp,
        "diagnostics.otel.logsEndpoint",
        "URL",
        "from `endpoint`",
        "The receiver of log records, used as it stands.",
    )
    .if_malformed("warning; OTLP is off for logs"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "`http/protobuf` or `grpc`",
        "`http/protobuf`",
        "How OTLP is spoken. `http/json` is not supported.",
    )
    .for_each_signal()
    .or_key("diagnostics.otel.protocol")
    .if_malformed("warning; OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_HEADERS",
        "`name=value,name=value`, percent-encoded; in the file an object of strings",
        "none",
        "Headers or gRPC metadata of every request. A signal's own are added to the general ones \
         and win over equal names. Those of the file go to no other endpoint than the file's, if \
         it names one. Values appear in no warning.",
    )
    .for_each_signal()
    .or_key("diagnostics.otel.headers")
    .if_malformed("warning; the header concerned is left out"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_COMPRESSION",
        "`gzip` or `none`",
        "`none`",
        "How bodies are compressed.",
    )
    .for_each_signal(),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "milliseconds, 1 to 2147483647",
        "`10000`",
        "How long one attempt to send may take. There is no way to wait for ever.",
    )
    .for_each_signal(),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "path of a PEM file",
        "the system's roots",
        "The certificates that are trusted instead of the system's.",
    )
    .for_each_signal()
    .if_malformed("warning; with `https`, OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        "path of a PEM file",
        "none",
        "The client's private key.",
    )
    .for_each_signal()
    .if_malformed("warning; with `https`, OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "path of a PEM file",
        "none",
        "The client's certificate chain. Certificate and key are useful only together.",
    )
    .for_each_signal()
    .if_malformed("warning; with `https`, OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Otlp,
        "OTEL_EXPORTER_OTLP_INSECURE",
        "`true` or `false`",
        "`false`",
        "Whether a gRPC endpoint without a scheme is spoken to without TLS.",
    )
    .for_each_signal(),
    Setting::variable(
        Topic::Otlp,
        "SSL_CERT_FILE",
        "path of a PEM file",
        "where the system keeps them",
        "The certificates that the system trusts. They count where no `CERTIFICATE` is set. On \
         macOS and Windows the system's store is asked instead, unless this is set.",
    )
    .if_malformed("warning; with `https`, OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Otlp,
        "SSL_CERT_DIR",
        "paths of folders with PEM files, separated as in `PATH`",
        "where the system keeps them",
        "The same; files and folders add up.",
    )
    .if_malformed("warning; with `https`, OTLP is off for the signals that would use it"),
    Setting::variable(
        Topic::Propagation,
        "OTEL_PROPAGATORS",
        "list of `tracecontext`, `baggage`; or `none`",
        "`tracecontext,baggage`",
        "The formats in which context is taken over and passed on.",
    )
    .if_malformed("warning; unsupported members, such as `b3`, are ignored"),
    Setting::variable(
        Topic::Sampling,
        "OTEL_TRACES_SAMPLER",
        "`always_on`, `always_off`, `traceidratio`, `jaeger_remote`; each also with \
         `parentbased_` before it",
        "`parentbased_always_on`",
        "Which traces are recorded. `jaeger_remote` needs the feature `jaeger-remote-sampler`.",
    ),
    Setting::variable(
        Topic::Sampling,
        "OTEL_TRACES_SAMPLER_ARG",
        "for `traceidratio` a number from 0 to 1; for `jaeger_remote` \
         `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`",
        "`1`; `endpoint=http://localhost:5778/sampling`, `pollingIntervalMs=300000`, \
         `initialSamplingRate=0.001`",
        "The sampler's argument.",
    ),
    Setting::key(
        Topic::Sampling,
        "diagnostics.otel.sampleRate",
        "number from 0 to 1",
        "unset",
        "Means `parentbased_traceidratio` with this argument.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`128`",
        "Attributes on a span or log record. Further ones are dropped; a span says how many.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "characters, 0 to 2147483647",
        "unlimited",
        "Length of a string value on a span or log record. Longer ones are cut.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`OTEL_ATTRIBUTE_COUNT_LIMIT`",
        "Attributes on a span.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "characters, 0 to 2147483647",
        "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`",
        "Length of a string value on a span, its events and links.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`128`",
        "Events on a span.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_SPAN_LINK_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`128`",
        "Links of a span.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`128`",
        "Attributes on an event of a span.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`128`",
        "Attributes on a link of a span.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
        "whole number, 0 to 2147483647",
        "`OTEL_ATTRIBUTE_COUNT_LIMIT`",
        "Attributes on a log record.",
    ),
    Setting::variable(
        Topic::Limits,
        "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "characters, 0 to 2147483647",
        "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`",
        "Length of a string value on a log record.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BSP_SCHEDULE_DELAY",
        "milliseconds, 1 to 2147483647",
        "`5000`",
        "How long a span waits at most for its batch to fill.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "whole number, 1 to 1048576",
        "`2048`",
        "Spans that wait; together they may take about 32 MiB. Further ones are dropped and counted.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "whole number, 1 to 1048576",
        "`512`",
        "Spans in a batch; at most the size of the queue. A batch that takes about 4 MiB is full too.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BSP_EXPORT_TIMEOUT",
        "milliseconds, 1 to 2147483647",
        "unset",
        "How long one attempt to send a batch of spans may take. It counts where it is less than \
         the receiver's timeout.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BLRP_SCHEDULE_DELAY",
        "milliseconds, 1 to 2147483647",
        "`1000`",
        "How long a log record waits at most for its batch to fill.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BLRP_MAX_QUEUE_SIZE",
        "whole number, 1 to 1048576",
        "`2048`",
        "Log records that wait; together they may take about 32 MiB. Further ones are dropped and \
         counted.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "whole number, 1 to 1048576",
        "`512`",
        "Log records in a batch; at most the size of the queue. A batch that takes about 4 MiB is \
         full too.",
    ),
    Setting::variable(
        Topic::Batching,
        "OTEL_BLRP_EXPORT_TIMEOUT",
        "milliseconds, 1 to 2147483647",
        "unset",
        "How long one attempt to send a batch of log records may take. It counts where it is less \
         than the receiver's timeout.",
    ),
    Setting::variable(
        Topic::Metrics,
        "OTEL_METRIC_EXPORT_INTERVAL",
        "milliseconds, 1 to 2147483647; in the file at least 1000",
        "`60000`",
        "How often metrics are pushed.",
    )
    .or_key("diagnostics.otel.flushIntervalMs"),
    Setting::variable(
        Topic::Metrics,
        "OTEL_METRIC_EXPORT_TIMEOUT",
        "milliseconds, 1 to 2147483647",
        "`30000`",
        "How long a push waits for the collection of its metrics. Where somebody sets it, it bounds \
         each attempt to send them as well, if it is less than the receiver's timeout.",
    ),
    Setting::variable(
        Topic::Metrics,
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "`cumulative`, `delta` or `lowmemory`",
        "`cumulative`",
        "What a pushed point covers. `/metrics` is always cumulative.",
    ),
    Setting::key(
        Topic::Metrics,
        "diagnostics.otel.metricNamePrefix",
        "text, at most 128 characters",
        "`openclaw.`",
        "Stands in place of `openclaw.` in the names of our own metrics.",
    ),
    Setting::variable(
        Topic::Metrics,
        "OTEL_EXPORTER_PROMETHEUS_HOST",
        "IP address or `localhost`",
        "`127.0.0.1`",
        "The address on which `/metrics` is served. One that other machines reach is honoured \
         with a warning: there is no authentication.",
    ),
    Setting::variable(
        Topic::Metrics,
        "OTEL_EXPORTER_PROMETHEUS_PORT",
        "whole number, 0 to 65535",
        "`9464`",
        "The port on which `/metrics` is served; 0 takes a free one.",
    ),
    Setting::variable(
        Topic::Logs,
        "OPENCLAW_LOG_DIR",
        "path; `~` is the home folder",
        "`~/.openclaw/logs`",
        "The folder of the JSONL log files. Without a home folder and without this there are no \
         files.",
    ),
    Setting::variable(
        Topic::Logs,
        "OPENCLAW_LOG",
        "filter directives, such as `info,hyper=warn`",
        "`RUST_LOG`",
        "Which `tracing` spans and events are recorded. Events of the OpenTelemetry crates themselves \
         only from `warn` up, unless a directive names them.",
    ),
    Setting::variable(
        Topic::Logs,
        "RUST_LOG",
        "filter directives",
        "unset",
        "Counts where `OPENCLAW_LOG` is unset.",
    ),
    Setting::variable(
        Topic::Privacy,
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "`true`, `false`, `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY` or `SPAN_AND_EVENT`",
        "`false`",
        "Whether prompts, completions, tool arguments and results leave the process, and on what. \
         `true` means `SPAN_AND_EVENT`. The system prompt is never part of it.",
    )
    .or_key("diagnostics.otel.captureContent"),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.enabled",
        "boolean",
        "`false`",
        "Where `captureContent` is an object: whether its other keys count. Content then goes on \
         spans only.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.inputMessages",
        "boolean",
        "`false`",
        "What the model was asked.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.outputMessages",
        "boolean",
        "`false`",
        "What the model answered.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.toolInputs",
        "boolean",
        "`false`",
        "Arguments of tool calls.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.toolOutputs",
        "boolean",
        "`false`",
        "Results of tool calls.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.systemPrompt",
        "boolean",
        "`false`",
        "The system prompt.",
    ),
    Setting::key(
        Topic::Privacy,
        "diagnostics.otel.captureContent.toolDefinitions",
        "boolean",
        "`false`",
        "Definitions of the tools that the model may call.",
    ),
];
