//! Syntax: the arguments as they are written.

use syn::{
    Expr, Ident, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

/// All arguments in their order.
pub(crate) struct Args(pub(crate) Vec<Argument>);

pub(crate) enum Argument {
    /// `expression`: the name of the span.
    Name(Expr),
    /// `name = expression`
    Named(Ident, Expr),
    /// `key => value`
    Attribute(Expr, Expr),
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Vec::new();
        while !input.is_empty() {
            arguments.push(input.parse()?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self(arguments))
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let named = input.peek(Ident::peek_any)
            && input.peek2(Token![=])
            && !input.peek2(Token![=>])
            && !input.peek2(Token![==]);
        if named {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            return Ok(Self::Named(name, input.parse()?));
        }
        let first = input.parse()?;
        if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            return Ok(Self::Attribute(first, input.parse()?));
        }
        Ok(Self::Name(first))
    }
}
