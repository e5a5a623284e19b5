mod cap;
mod content;
mod corpus;
mod innocent;
mod properties;
mod redactor;
pub(super) mod steps;
