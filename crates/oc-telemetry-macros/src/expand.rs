//! Expansion: the function with its body in a span.
//!
//! What is built is the inside of `with_span!`, so that there is one implementation of both.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    AttrStyle, Expr, Ident, ItemFn, ReturnType, Type, ext::IdentExt, parse_quote, visit_mut,
    visit_mut::VisitMut,
};

use crate::validate::{Kind, Settings};

pub(crate) fn expand(settings: &Settings, function: &ItemFn) -> TokenStream {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
    } = function;
    let library = settings
        .library
        .as_ref()
        .map_or_else(|| quote!(::oc_telemetry), |path| quote!(#path));
    let (inner, outer): (Vec<_>, Vec<_>) = attrs
        .iter()
        .partition(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
    let arguments = arguments(settings, &sig.ident, &library);
    let body = if sig.asyncness.is_some() {
        let known = output_type(&sig.output, &library);
        let statements = &block.stmts;
        quote!(#library::__with_span!(@future #arguments (async move { #known #(#statements)* })).await)
    } else {
        quote!(#library::__with_span!(@value #arguments (move || #block)))
    };
    quote! {
        #(#outer)*
        #vis #sig {
            #(#inner)*
            #body
        }
    }
}

/// `[name] [kind] [recorder] [parent] [attributes]`, as the macro's inside takes them.
fn arguments(settings: &Settings, function: &Ident, library: &TokenStream) -> TokenStream {
    let name = settings.name.as_ref().map_or_else(
        || function.unraw().to_string().into_token_stream(),
        ToTokens::to_token_stream,
    );
    let kind = settings.kind.as_ref().map(|kind| match kind {
        Kind::Named(name) => quote!(#library::__private::SpanKind::#name),
        Kind::Expression(expression) => quote!(#expression),
    });
    let recorder = &settings.recorder;
    let parent = &settings.parent;
    let attributes = settings.attributes.iter().map(|(key, value)| {
        let value = match value {
            Expr::Lit(literal) => quote!(#library::__private::literal(#literal)),
            other => quote!(#other),
        };
        quote!((#key, #value))
    });
    quote!([#name] [#kind] [#recorder] [#parent] [#(#attributes)*])
}

/// A statement that never does anything but tells the compiler what the body returns.
///
/// The type is thereby known where the outcome of the body is looked at, as it is in a function.
fn output_type(output: &ReturnType, library: &TokenStream) -> TokenStream {
    let mut output: Type = match output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, output) => (**output).clone(),
    };
    EraseImplTrait.visit_type_mut(&mut output);
    // Names of our own that the body cannot see.
    let hygienic = Span::mixed_site();
    quote_spanned! {hygienic=>
        let mut witness = #library::__private::witness::<#output>();
        if let #library::__private::Some(value) = witness.value() {
            return value;
        }
    }
}

/// `impl Trait` cannot be written in a body; the compiler finds that part by itself.
struct EraseImplTrait;

impl VisitMut for EraseImplTrait {
    fn visit_type_mut(&mut self, node: &mut Type) {
        if let Type::ImplTrait(_) = node {
            *node = parse_quote!(_);
        } else {
            visit_mut::visit_type_mut(self, node);
        }
    }
}
