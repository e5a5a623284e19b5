//! Attributes and validation: what the arguments mean, and whether the item can have a span.

use proc_macro2::TokenStream;
use syn::{Expr, Ident, ItemFn, Path, spanned::Spanned};

use crate::args::{Args, Argument};

/// The arguments by their meaning.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<Expr>,
    pub(crate) kind: Option<Kind>,
    pub(crate) recorder: Option<Expr>,
    pub(crate) parent: Option<Expr>,
    pub(crate) library: Option<Path>,
    pub(crate) attributes: Vec<(Expr, Expr)>,
}

pub(crate) enum Kind {
    /// One of the five names.
    Named(Ident),
    Expression(Expr),
}

/// Sorts the arguments.
///
/// # Errors
///
/// All that is wrong with them, each at its place.
pub(crate) fn arguments(args: Args) -> syn::Result<Settings> {
    let mut settings = Settings::default();
    let mut errors: Option<syn::Error> = None;
    for (position, argument) in args.0.into_iter().enumerate() {
        if let Err(error) = settings.add(position, argument) {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
        }
    }
    errors.map_or(Ok(settings), Err)
}

/// Reads the function.
///
/// # Errors
///
/// If the item is something else, or a function that cannot have a span.
pub(crate) fn function(item: TokenStream) -> syn::Result<ItemFn> {
    let function: ItemFn =
        syn::parse2(item.clone()).map_err(|error| not_a_function(item, error))?;
    let signature = &function.sig;
    if let Some(constant) = &signature.constness {
        return Err(syn::Error::new(
            constant.span(),
            "#[with_span] cannot record a `const fn`: it may run at compile time",
        ));
    }
    if let Some(abi) = &signature.abi {
        return Err(syn::Error::new(
            abi.span(),
            "#[with_span] cannot record an `extern` function; put it on the function that this one calls",
        ));
    }
    Ok(function)
}

impl Settings {
    fn add(&mut self, position: usize, argument: Argument) -> syn::Result<()> {
        match argument {
            Argument::Name(name) if position == 0 => self.name = Some(name),
            Argument::Name(other) => {
                return Err(syn::Error::new(
                    other.span(),
                    "#[with_span]: only the first argument may stand alone, as the span's name; \
                     an attribute is written `\"key\" => value`",
                ));
            }
            Argument::Named(name, value) => self.add_named(&name, value)?,
            Argument::Attribute(key, value) => self.attributes.push((key, value)),
        }
        Ok(())
    }

    fn add_named(&mut self, name: &Ident, value: Expr) -> syn::Result<()> {
        match name.to_string().as_str() {
            "kind" => once(&mut self.kind, name, kind(value)?),
            "recorder" => once(&mut self.recorder, name, value),
            "parent" => once(&mut self.parent, name, value),
            "crate" => once(&mut self.library, name, path(value)?),
            _ => Err(syn::Error::new(
                name.span(),
                format!(
                    "#[with_span]: unknown argument `{name}`: expected `kind`, `recorder`, `parent` \
                     or `crate`, or an attribute as `\"key\" => value`"
                ),
            )),
        }
    }
}

fn once<T>(place: &mut Option<T>, name: &Ident, value: T) -> syn::Result<()> {
    if place.replace(value).is_some() {
        return Err(syn::Error::new(
            name.span(),
            format!("#[with_span]: `{name}` is given twice"),
        ));
    }
    Ok(())
}

fn kind(value: Expr) -> syn::Result<Kind> {
    let Expr::Path(path) = &value else {
        return Ok(Kind::Expression(value));
    };
    let Some(name) = path.path.get_ident() else {
        return Ok(Kind::Expression(value));
    };
    if KINDS.iter().any(|kind| name == kind) {
        Ok(Kind::Named(name.clone()))
    } else {
        Err(syn::Error::new(
            name.span(),
            format!(
                "#[with_span]: unknown kind `{name}`: expected Internal, Client, Server, Producer or Consumer"
            ),
        ))
    }
}

fn path(value: Expr) -> syn::Result<Path> {
    match value {
        Expr::Path(path) if path.qself.is_none() => Ok(path.path),
        other => Err(syn::Error::new(
            other.span(),
            "#[with_span]: `crate` is the path of oc_telemetry, as in `crate = my_library::oc_telemetry`",
        )),
    }
}

/// Says why the item is no function with a body.
fn not_a_function(item: TokenStream, error: syn::Error) -> syn::Error {
    if syn::parse2::<syn::TraitItemFn>(item.clone()).is_ok() {
        return syn::Error::new_spanned(
            item,
            "#[with_span] needs a function with a body; put it on the implementation",
        );
    }
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(_) => syn::Error::new_spanned(item, "#[with_span] goes on functions and methods only"),
        Err(_) => error,
    }
}

const KINDS: [&str; 5] = ["Internal", "Client", "Server", "Producer", "Consumer"];
