//! Tokens that are known by how they start.

use super::bytes::{Edge, at, edge, is_token, run, slice, starts};

/// A token of a vendor.
struct Prefix {
    text: &'static [u8],
    kind: &'static str,
    body: Body,
    /// How many characters must follow.
    min: usize,
    /// Whether the prefix is so short that the token must start a word and hold a digit or a
    /// capital.
    weak: bool,
}

/// Of what the rest of a token consists.
#[derive(Clone, Copy)]
enum Body {
    /// Letters, digits, `_` and `-`.
    Token,
    /// The same and `.`.
    Dotted,
    /// The same and `/`.
    Path,
    /// Exactly `min` capitals and digits.
    Upper,
    /// Exactly `min` hexadecimal digits.
    Hex,
}

const fn strong(text: &'static [u8], kind: &'static str, min: usize) -> Prefix {
    Prefix {
        text,
        kind,
        body: Body::Token,
        min,
        weak: false,
    }
}

const fn weak(text: &'static [u8], kind: &'static str, min: usize) -> Prefix {
    Prefix {
        text,
        kind,
        body: Body::Token,
        min,
        weak: true,
    }
}

impl Prefix {
    const fn of(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// The token that starts at `i`: its end and its kind.
pub(super) fn token(text: &[u8], i: usize) -> Option<(usize, &'static str)> {
    let edge = edge(text, i);
    if edge == Edge::Inside {
        return None;
    }
    group(at(text, i))
        .iter()
        .find_map(|prefix| Some((prefix.end(text, i, edge)?, prefix.kind)))
        .or_else(|| Some((discord(text, i, edge)?, "discord-token")))
}

/// The second bytes of the tokens that start with this byte, bit by bit.
pub(super) const fn seconds(first: u8) -> u128 {
    if matches!(first, b'M' | b'N' | b'O') {
        return u128::MAX;
    }
    let prefixes = group(first);
    let (mut bits, mut i) = (0, 0);
    while i < prefixes.len() {
        bits |= 1 << prefixes[i].text[1];
        i += 1;
    }
    bits
}

impl Prefix {
    fn end(&self, text: &[u8], i: usize, edge: Edge) -> Option<usize> {
        if !starts(text, i, self.text) || (self.weak && edge != Edge::Open) {
            return None;
        }
        let body = i + self.text.len();
        let end = match self.body {
            Body::Token => run(text, body, is_token),
            Body::Dotted => run(text, body, |byte| is_token(byte) || byte == b'.'),
            Body::Path => run(text, body, |byte| is_token(byte) || byte == b'/'),
            Body::Upper => {
                let end = run(text, body, |byte| {
                    byte.is_ascii_uppercase() || byte.is_ascii_digit()
                });
                return (end - body == self.min && !is_token(at(text, end))).then_some(end);
            }
            Body::Hex => {
                let end = run(text, body, |byte| byte.is_ascii_hexdigit());
                return (end - body == self.min && !is_token(at(text, end))).then_some(end);
            }
        };
        let found = slice(text, body, end);
        let random = !self.weak
            || found
                .iter()
                .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        (found.len() >= self.min && random).then_some(end)
    }
}

/// A Discord bot token: id, time and signature in base64url, between dots.
fn discord(text: &[u8], i: usize, edge: Edge) -> Option<usize> {
    if edge != Edge::Open || !matches!(at(text, i), b'M' | b'N' | b'O') {
        return None;
    }
    let id = run(slice(text, 0, i + 32), i, is_token);
    let time = run(slice(text, 0, id + 10), id + 1, is_token);
    let fits = (23..=28).contains(&(id - i))
        && at(text, id) == b'.'
        && (6..=7).contains(&(time - id - 1))
        && at(text, time) == b'.';
    if !fits {
        return None;
    }
    let end = run(text, time + 1, is_token);
    (end - time > 27).then_some(end)
}

/// The prefixes that start with a byte; the longer ones first where one starts another.
const fn group(first: u8) -> &'static [Prefix] {
    match first {
        b'1' => const { &[weak(b"1//0", "google-token", 30)] },
        b'A' => const { &A },
        b'G' => const { &[strong(b"GOCSPX-", "google-secret", 16)] },
        b'N' => const { &[strong(b"NRAK-", "new-relic-key", 20)] },
        b'P' => const { &[strong(b"PMAK-", "postman-key", 24)] },
        b'S' => {
            const {
                &[
                    weak(b"SG.", "sendgrid-key", 40).of(Body::Dotted),
                    weak(b"SK", "twilio-key", 32).of(Body::Hex),
                ]
            }
        }
        b'a' => {
            const {
                &[
                    strong(b"apify_api_", "apify-token", 20),
                    strong(b"api_org_", "hugging-face-token", 20),
                ]
            }
        }
        b'd' => const { &D },
        b'e' => const { &[weak(b"e2b_", "e2b-key", 30)] },
        b'f' => {
            const {
                &[
                    weak(b"fm2_", "fly-token", 40),
                    weak(b"fo1_", "fly-token", 30),
                    strong(b"figd_", "figma-token", 20),
                ]
            }
        }
        b'g' => const { &G },
        b'h' => {
            const {
                &[
                    weak(b"hf_", "hugging-face-token", 20),
                    weak(b"hvs.", "vault-token", 20),
                    weak(b"hvb.", "vault-token", 20),
                    strong(b"hooks.slack.com/services/", "slack-webhook", 20).of(Body::Path),
                ]
            }
        }
        b'j' => const { &[strong(b"jina_", "jina-key", 30)] },
        b'l' => {
            const {
                &[
                    strong(b"lsv2_", "langsmith-key", 20),
                    strong(b"lin_api_", "linear-key", 20),
                ]
            }
        }
        b'n' => {
            const {
                &[
                    strong(b"npm_", "npm-token", 30),
                    strong(b"nvapi-", "nvidia-key", 20),
                    weak(b"ntn_", "notion-token", 40),
                ]
            }
        }
        b'o' => const { &[strong(b"ops_eyJ", "one-password-token", 40)] },
        b'p' => const { &P },
        b'r' => const { &R },
        b's' => const { &S },
        b't' => {
            const {
                &[
                    strong(b"tgp_v1_", "together-key", 20),
                    strong(b"tvly-", "tavily-key", 16),
                    strong(b"tskey-", "tailscale-key", 16),
                ]
            }
        }
        b'v' => const { &[weak(b"vck_", "vercel-key", 30)] },
        b'w' => {
            const {
                &[
                    strong(b"webhooks/", "discord-webhook", 60).of(Body::Path),
                    strong(b"whsec_", "stripe-key", 20),
                ]
            }
        }
        b'x' => const { &X },
        b'y' => const { &[weak(b"ya29.", "google-token", 20).of(Body::Dotted)] },
        _ => &[],
    }
}

static A: [Prefix; 9] = [
    strong(b"AKIA", "aws-key-id", 16).of(Body::Upper),
    strong(b"ASIA", "aws-key-id", 16).of(Body::Upper),
    strong(b"ABIA", "aws-key-id", 16).of(Body::Upper),
    strong(b"ACCA", "aws-key-id", 16).of(Body::Upper),
    strong(b"AIza", "google-key", 30),
    strong(b"AGE-SECRET-KEY-1", "age-key", 30),
    strong(b"ATATT3", "atlassian-token", 30),
    strong(b"ATCTT3", "atlassian-token", 30),
    strong(b"ATBB", "bitbucket-token", 28),
];

static D: [Prefix; 9] = [
    strong(b"dop_v1_", "digitalocean-token", 30),
    strong(b"doo_v1_", "digitalocean-token", 30),
    strong(b"dor_v1_", "digitalocean-token", 30),
    strong(b"dckr_pat_", "docker-token", 20),
    strong(b"dp.pt.", "doppler-token", 30),
    strong(b"dp.st.", "doppler-token", 30).of(Body::Dotted),
    strong(b"dp.ct.", "doppler-token", 30),
    strong(b"dt0c01.", "dynatrace-token", 60).of(Body::Dotted),
    weak(b"dapi", "databricks-token", 32).of(Body::Hex),
];

static G: [Prefix; 17] = [
    strong(b"ghp_", "github-token", 16),
    strong(b"gho_", "github-token", 16),
    strong(b"ghs_", "github-token", 16),
    strong(b"ghu_", "github-token", 16),
    strong(b"ghr_", "github-token", 16),
    strong(b"github_pat_", "github-token", 16),
    strong(b"glpat-", "gitlab-token", 14),
    strong(b"gldt-", "gitlab-token", 14),
    strong(b"glrt-", "gitlab-token", 14),
    strong(b"glptt-", "gitlab-token", 14),
    strong(b"glcbt-", "gitlab-token", 14),
    strong(b"glsoat-", "gitlab-token", 14),
    strong(b"gloas-", "gitlab-token", 14),
    strong(b"glft-", "gitlab-token", 14),
    strong(b"glc_", "grafana-token", 30),
    strong(b"glsa_", "grafana-token", 30),
    weak(b"gsk_", "groq-key", 20),
];

static P: [Prefix; 7] = [
    strong(b"pypi-AgEI", "pypi-token", 30),
    strong(b"pplx-", "perplexity-key", 20),
    strong(b"phx_", "posthog-key", 30),
    strong(b"pul-", "pulumi-token", 40).of(Body::Hex),
    strong(b"pscale_tkn_", "planetscale-token", 20),
    strong(b"pscale_pw_", "planetscale-token", 20),
    strong(b"pcsk_", "pinecone-key", 20),
];

static R: [Prefix; 5] = [
    strong(b"rk_live_", "stripe-key", 10),
    strong(b"rk_test_", "stripe-key", 10),
    strong(b"rpa_", "runpod-key", 30),
    strong(b"rubygems_", "rubygems-key", 30),
    weak(b"r8_", "replicate-token", 30),
];

static S: [Prefix; 20] = [
    strong(b"sk-ant-", "anthropic-key", 10),
    strong(b"sk-proj-", "openai-key", 10),
    strong(b"sk-svcacct-", "openai-key", 10),
    strong(b"sk-admin-", "openai-key", 20),
    strong(b"sk-or-", "openrouter-key", 20),
    strong(b"sk-lf-", "langfuse-key", 20),
    weak(b"sk-", "openai-key", 20),
    strong(b"sk_live_", "stripe-key", 10),
    strong(b"sk_test_", "stripe-key", 10),
    weak(b"sk_", "api-key", 30),
    strong(b"shpat_", "shopify-token", 20),
    strong(b"shpss_", "shopify-token", 20),
    strong(b"shpca_", "shopify-token", 20),
    strong(b"shppa_", "shopify-token", 20),
    strong(b"sntrys_", "sentry-token", 30),
    strong(b"sntryu_", "sentry-token", 30),
    strong(b"sbp_", "supabase-token", 40).of(Body::Hex),
    strong(b"sgp_", "sourcegraph-token", 30),
    weak(b"secret_", "notion-token", 40),
    weak(b"sha256~", "openshift-token", 40),
];

static X: [Prefix; 10] = [
    strong(b"xoxb-", "slack-token", 10),
    strong(b"xoxp-", "slack-token", 10),
    strong(b"xoxa-", "slack-token", 10),
    strong(b"xoxr-", "slack-token", 10),
    strong(b"xoxs-", "slack-token", 10),
    strong(b"xoxc-", "slack-token", 10),
    strong(b"xoxd-", "slack-token", 10),
    strong(b"xoxe-", "slack-token", 10),
    strong(b"xapp-", "slack-token", 10),
    weak(b"xai-", "xai-key", 20),
];
