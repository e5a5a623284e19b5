//! Sets of values: closed ones and open ones.

use std::collections::BTreeSet;

use oc_semconv::feature_flag::ResultReason;
use oc_semconv::gen_ai::{
    FinishReason, OperationName, OutputType, ProviderName, TokenModality, ToolType,
};
use oc_semconv::mcp::MethodName;
use oc_semconv::mlflow::SpanType;
use oc_semconv::openclaw::{SessionKind, ToolStatus};

macro_rules! closed {
    ($($set:ty: $count:literal),* $(,)?) => {
        $(
            let texts: BTreeSet<&str> = <$set>::ALL.iter().map(|value| value.as_str()).collect();
            assert_eq!(texts.len(), $count, "{texts:?}");
            for value in <$set>::ALL {
                assert_eq!(<$set>::parse(value.as_str()), Some(*value));
                assert_eq!(value.to_string(), value.as_str());
            }
            assert_eq!(<$set>::parse("no such value"), None);
            assert_eq!(<$set>::parse(""), None);
        )*
    };
}

// Scenario: every value of the closed sets, and texts that are none.
// Guarantee: a value comes back from what is recorded, and nothing else does.
#[test]
fn closed_sets_survive_the_round_trip() {
    closed! {
        OperationName: 18,
        OutputType: 4,
        TokenModality: 4,
        SpanType: 15,
        SessionKind: 3,
        ToolStatus: 4,
    }
}

macro_rules! open {
    ($($set:ident: $count:literal),* $(,)?) => {
        $(
            assert_eq!($set::KNOWN.len(), $count);
            for value in $set::KNOWN {
                assert_eq!($set::from(value.as_str().to_owned()), *value);
                assert!(!matches!(value, $set::Custom(_)));
                assert_eq!(value.to_string(), value.as_str());
            }
            for other in ["vllm", "OpenAI", "", "naïve"] {
                let value = $set::from(other);
                assert!(matches!(value, $set::Custom(_)), "{other}");
                assert_eq!(value.as_str(), other);
                assert_eq!($set::from(other.to_owned()), value);
            }
        )*
    };
}

// Scenario: every value of the open sets, and texts the conventions do not name.
// Guarantee: a known value becomes its own variant, any other is kept as it is.
#[test]
fn open_sets_keep_what_they_do_not_know() {
    open! {
        ProviderName: 16,
        ToolType: 3,
        FinishReason: 6,
        MethodName: 25,
        ResultReason: 9,
    }
}

// Scenario: spellings of providers that older telemetry has.
// Guarantee: they become the provider, and are recorded under its present name.
#[test]
fn older_spellings_of_providers_are_understood() {
    for (older, provider) in [
        ("az.ai.openai", ProviderName::AzureAiOpenAi),
        ("az.ai.inference", ProviderName::AzureAiInference),
        ("gemini", ProviderName::GcpGemini),
        ("vertex_ai", ProviderName::GcpVertexAi),
        ("xai", ProviderName::XAi),
    ] {
        assert_eq!(ProviderName::from(older), provider);
        assert_ne!(provider.as_str(), older);
    }
}
