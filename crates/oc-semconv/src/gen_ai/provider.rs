use std::borrow::Cow;
use std::fmt;

/// The values of [`PROVIDER_NAME`](super::PROVIDER_NAME): an open set.
///
/// ```
/// use oc_semconv::gen_ai::ProviderName;
///
/// assert_eq!(ProviderName::from("anthropic"), ProviderName::Anthropic);
/// assert_eq!(ProviderName::from("vllm").as_str(), "vllm");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderName {
    /// `openai`: the API of `OpenAI`.
    OpenAi,
    /// `anthropic`: Anthropic.
    Anthropic,
    /// `azure.ai.openai`: `OpenAI` models in Azure.
    AzureAiOpenAi,
    /// `azure.ai.inference`: Azure AI Inference.
    AzureAiInference,
    /// `aws.bedrock`: AWS Bedrock.
    AwsBedrock,
    /// `gcp.gemini`: Gemini by the AI Studio API.
    GcpGemini,
    /// `gcp.vertex_ai`: Vertex AI.
    GcpVertexAi,
    /// `gcp.gen_ai`: a Google endpoint that is not known more exactly.
    GcpGenAi,
    /// `cohere`: Cohere.
    Cohere,
    /// `deepseek`: the API of `DeepSeek`.
    Deepseek,
    /// `groq`: Groq.
    Groq,
    /// `mistral_ai`: Mistral AI.
    MistralAi,
    /// `moonshot_ai`: Moonshot AI.
    MoonshotAi,
    /// `perplexity`: Perplexity.
    Perplexity,
    /// `x_ai`: xAI.
    XAi,
    /// `ibm.watsonx.ai`: IBM watsonx.ai.
    IbmWatsonxAi,
    /// A provider the conventions do not name, for example `vllm`, `ollama` or `openrouter`.
    Custom(Cow<'static, str>),
}

impl ProviderName {
    /// The value as it is recorded.
    pub fn as_str(&self) -> &str {
        match self {
            ProviderName::OpenAi => "openai",
            ProviderName::Anthropic => "anthropic",
            ProviderName::AzureAiOpenAi => "azure.ai.openai",
            ProviderName::AzureAiInference => "azure.ai.inference",
            ProviderName::AwsBedrock => "aws.bedrock",
            ProviderName::GcpGemini => "gcp.gemini",
            ProviderName::GcpVertexAi => "gcp.vertex_ai",
            ProviderName::GcpGenAi => "gcp.gen_ai",
            ProviderName::Cohere => "cohere",
            ProviderName::Deepseek => "deepseek",
            ProviderName::Groq => "groq",
            ProviderName::MistralAi => "mistral_ai",
            ProviderName::MoonshotAi => "moonshot_ai",
            ProviderName::Perplexity => "perplexity",
            ProviderName::XAi => "x_ai",
            ProviderName::IbmWatsonxAi => "ibm.watsonx.ai",
            ProviderName::Custom(name) => name,
        }
    }

    fn known(name: &str) -> Option<Self> {
        Some(match name {
            "openai" => ProviderName::OpenAi,
            "anthropic" => ProviderName::Anthropic,
            "azure.ai.openai" => ProviderName::AzureAiOpenAi,
            "azure.ai.inference" => ProviderName::AzureAiInference,
            "aws.bedrock" => ProviderName::AwsBedrock,
            "gcp.gemini" => ProviderName::GcpGemini,
            "gcp.vertex_ai" => ProviderName::GcpVertexAi,
            "gcp.gen_ai" => ProviderName::GcpGenAi,
            "cohere" => ProviderName::Cohere,
            "deepseek" => ProviderName::Deepseek,
            "groq" => ProviderName::Groq,
            "mistral_ai" => ProviderName::MistralAi,
            "moonshot_ai" => ProviderName::MoonshotAi,
            "perplexity" => ProviderName::Perplexity,
            "x_ai" => ProviderName::XAi,
            "ibm.watsonx.ai" => ProviderName::IbmWatsonxAi,
            _ => return None,
        })
    }
}

/// A name the conventions know becomes its own variant, any other [`ProviderName::Custom`].
impl From<&'static str> for ProviderName {
    fn from(name: &'static str) -> Self {
        Self::known(name).unwrap_or(ProviderName::Custom(Cow::Borrowed(name)))
    }
}

/// A name the conventions know becomes its own variant, any other [`ProviderName::Custom`].
impl From<String> for ProviderName {
    fn from(name: String) -> Self {
        Self::known(&name).unwrap_or(ProviderName::Custom(Cow::Owned(name)))
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Scenario: every name of the conventions, borrowed and owned.
    // Guarantee: it becomes its own variant and is recorded unchanged.
    #[test]
    fn known_names_survive_the_round_trip() {
        for name in [
            "openai",
            "anthropic",
            "azure.ai.openai",
            "azure.ai.inference",
            "aws.bedrock",
            "gcp.gemini",
            "gcp.vertex_ai",
            "gcp.gen_ai",
            "cohere",
            "deepseek",
            "groq",
            "mistral_ai",
            "moonshot_ai",
            "perplexity",
            "x_ai",
            "ibm.watsonx.ai",
        ] {
            let provider = ProviderName::from(name);
            assert!(!matches!(provider, ProviderName::Custom(_)), "{name}");
            assert_eq!(provider.as_str(), name);
            assert_eq!(ProviderName::from(name.to_owned()), provider);
        }
    }

    // Scenario: names the conventions do not know, one of them in another case.
    // Guarantee: they are kept as they are.
    #[test]
    fn other_names_are_kept() {
        for name in ["vllm", "OpenAI", ""] {
            assert_eq!(
                ProviderName::from(name),
                ProviderName::Custom(Cow::Borrowed(name))
            );
        }
    }
}
