//! The table, for MLflow.

use super::{Setting, Topic};

pub(super) const MLFLOW: &[Setting] = &[
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_TRACKING_URI",
        "URL, `http` or `https`",
        "none",
        "The MLflow server, with its `--static-prefix` if it has one. Switches MLflow on. User name \
         and password have variables of their own.",
    )
    .or_key("diagnostics.mlflow.trackingUri")
    .if_malformed("warning; MLflow is off"),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.enabled",
        "boolean",
        "`true` where a tracking URI is known",
        "`false` switches MLflow off, unless the program names a server in code.",
    ),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_EXPERIMENT_NAME",
        "text, at most 500 characters",
        "`openclaw`",
        "The experiment that traces and metrics belong to. It is made if there is none. Processes \
         that share a trace need the same one.",
    )
    .or_key("diagnostics.mlflow.experimentName"),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_EXPERIMENT_ID",
        "whole number",
        "the id of the name",
        "The experiment by its id, which must exist. Wins over a name from the same place.",
    )
    .or_key("diagnostics.mlflow.experimentId"),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_TRACKING_TOKEN",
        "text",
        "none",
        "The bearer token. Appears in no warning.",
    ),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_TRACKING_USERNAME",
        "text",
        "none",
        "With the password it wins over a token.",
    ),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_TRACKING_PASSWORD",
        "text",
        "none",
        "With the user name it wins over a token. Appears in no warning.",
    ),
    Setting::variable(
        Topic::Mlflow,
        "MLFLOW_WORKSPACE",
        "text",
        "the server's default",
        "The workspace. Sent only to a server that has workspaces.",
    )
    .if_malformed("warning once the server has answered; no workspace is asked for"),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.trackTraces",
        "boolean",
        "`true`",
        "Whether spans go to MLflow.",
    ),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.trackTokenUsage",
        "boolean",
        "`true`",
        "Whether the run gets `tokens.*` and `model.{name}.requests`. Spans carry usage all the same.",
    ),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.trackCosts",
        "boolean",
        "`true`",
        "Whether the run gets `cost.usd`. Spans carry their cost all the same.",
    ),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.trackLatency",
        "boolean",
        "`true`",
        "Whether the run gets `latency.*` and `message.outcome.{outcome}`.",
    ),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.batchSize",
        "whole number, 1 to 1048576",
        "`512`",
        "Spans in a request. MLflow takes or refuses a request as a whole: smaller ones cost more and \
         lose less.",
    ),
    Setting::key(
        Topic::Mlflow,
        "diagnostics.mlflow.flushIntervalMs",
        "milliseconds, 1000 to 2147483647",
        "`60000`",
        "How often metrics are logged to the run; where they go out by OTLP too, not more often than \
         that. Spans wait no longer than `OTEL_BSP_SCHEDULE_DELAY`.",
    ),
];
