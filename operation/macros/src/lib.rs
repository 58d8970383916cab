//! `#[operation]`: turns one async function into a server function, a REST endpoint and a registry
//! entry. What it expands to is small on purpose; the work is done by `kernel::runner`.

mod attribute;
mod record;

use attribute::{Access, Attribute, Body};
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Expr, FnArg, Ident, ItemFn, Lit, Meta, Pat, ReturnType, Type, parse_macro_input, spanned::Spanned};

/// `#[operation(METHOD "/path/{id}", access, option, …)]`
///
/// - access: `public`, `end_user`, `staff` (anybody signed in), `staff = Permission`, `device` (a phone paired with a
///   gate), `revoked_device`; several are alternatives.
/// - `status = 201`: the status of success.
/// - `audit = none("why")`: a staff write that records no audit entry.
/// - `rate = Class`: the rate-limit class, `Standard` if absent.
/// - `idempotent`: takes an `Idempotency-Key`.
/// - `secret_answer`: the answer holds a secret: it is never stored for replay, and people of a suspended partner, who
///   read on, do not get it.
/// - `answer = Csv`: the operation answers a stream or a file (`Answer`) of this kind (`registry::Media`).
/// - `body = Csv`: the operation takes the untouched body of this kind from its context.
/// - `body = multipart(Fields)`: the same, and it is a form with a file and, if named, these fields.
/// - `scoped`: also for callers whose permission is bound to one event, partner or talent; the
///   finders narrow by the scope.
/// - `errors(sold_out, …)`: the error codes it gives beside those of how it is called, for its documentation.
/// - `per_key = id`: many call it at once for one record, whose id is this argument: they take turns.
/// - `stale_ok`: a read that may go to the replica.
///
/// The first parameter says what the operation needs: `&mut Tx` (a write in one transaction),
/// `&mut Reader` (a read-only connection) or `&RequestContext` (slow work first; it opens its own transaction
/// with `cx.write`). A parameter named `input` is the body, one named `query` the query string.
#[proc_macro_attribute]
pub fn operation(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = parse_macro_input!(attribute as Attribute);
    let function = parse_macro_input!(item as ItemFn);
    expand(&attribute, &function).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Reads the type from JSON, in place of `derive(Deserialize)`: as serde does on the server, and in the browser field by
/// field from what the server wrote. Takes serde's `rename`, `default` and `deserialize_with`; a type or field with another
/// of its attributes is read as serde does everywhere.
#[proc_macro_attribute]
pub fn record(_attribute: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    record::expand(item).unwrap_or_else(syn::Error::into_compile_error).into()
}

struct Argument {
    name: Ident,
    ty: Type,
}

fn expand(attribute: &Attribute, function: &ItemFn) -> syn::Result<Tokens> {
    let mut inputs = function.sig.inputs.iter();
    let context = inputs.next().ok_or_else(|| {
        syn::Error::new(
            function.sig.span(),
            "the first parameter is `tx: &mut Tx`, `db: &mut Reader` or `cx: &RequestContext`",
        )
    })?;
    let kind = context_kind(context)?;
    fits(attribute, kind, function)?;
    let arguments = inputs.map(argument).collect::<syn::Result<Vec<_>>>()?;
    let ReturnType::Type(_, return_type) = &function.sig.output else {
        return Err(syn::Error::new(function.sig.span(), "an operation returns Result<T>"));
    };

    let docs: Vec<_> = function.attrs.iter().filter(|a| a.path().is_ident("doc")).collect();
    let others: Vec<_> = function.attrs.iter().filter(|a| !a.path().is_ident("doc")).collect();
    let name = &function.sig.ident;
    let struct_name = format_ident!("{}Operation", camel(&name.to_string()));
    let meta_name = format_ident!("{}_META", name.to_string().to_uppercase());
    let method = format_ident!("{}", capital(&attribute.method.to_string()));
    let path = attribute.path.value();
    let status = attribute.status;
    let protocol = if attribute.answer.is_some() {
        quote!(::operation::Rest<::operation::#method, ::operation::AnyAnswer>)
    } else {
        quote!(::operation::Rest<::operation::#method, ::operation::Json<#status>>)
    };

    let names: Vec<_> = arguments.iter().map(|a| &a.name).collect();
    let types: Vec<_> = arguments.iter().map(|a| &a.ty).collect();
    let checked = arguments.iter().filter(|a| a.name == "input" || a.name == "query").map(|a| {
        let name = &a.name;
        quote!(.and_then(|()| ::operation::Validate::validate(&#name)))
    });
    let body = &function.block;
    let input_hash = if attribute.idempotent {
        quote!(::core::option::Option::Some(crate::kernel::idempotency::input_hash(&(#(&#names,)*))))
    } else {
        quote!(::core::option::Option::None)
    };
    let row = match &attribute.per_key {
        Some(id) => quote!(::core::option::Option::Some(#id.0)),
        None => quote!(::core::option::Option::None),
    };
    let handler = quote!(::std::boxed::Box::new(move |context| ::std::boxed::Box::pin(handle(context, #(#names),*))));
    let run = match kind {
        Context::Tx => quote!(write(&#meta_name, valid, #input_hash, #row, #handler)),
        Context::Reader => quote!(read(&#meta_name, valid, #handler)),
        Context::Request => quote!(open(&#meta_name, valid, #handler)),
    };

    let meta = meta(attribute, function, &arguments, return_type, &meta_name)?;
    let visibility = &function.vis;
    let endpoint = path.trim_start_matches('/');
    Ok(quote! {
        #meta

        #(#docs)*
        #[::leptos::server(
            name = #struct_name,
            protocol = #protocol,
            prefix = "/api/v1",
            endpoint = #endpoint,
            impl_from = false,
            impl_deref = false,
        )]
        #(#others)*
        #[allow(clippy::too_many_arguments)]
        #visibility async fn #name(#(#names: #types),*) -> #return_type {
            async fn handle(#context, #(#names: #types),*) -> #return_type #body
            let valid = ::core::result::Result::Ok(()) #(#checked)*;
            crate::kernel::runner::#run.await
        }
    })
}

/// Options that would be ignored, or could not be kept.
fn fits(attribute: &Attribute, kind: Context, function: &ItemFn) -> syn::Result<()> {
    let wrong = |message: &str| Err(syn::Error::new(function.sig.ident.span(), message));
    let is_write = matches!(kind, Context::Tx);
    if attribute.idempotent && !is_write {
        return wrong("`idempotent` needs `tx: &mut Tx`: the answer is kept by the same transaction");
    }
    if attribute.per_key.is_some() && !is_write {
        return wrong("`per_key` needs `tx: &mut Tx`: nobody waits elsewhere");
    }
    if attribute.idempotent && attribute.secret_answer {
        return wrong("`idempotent` and `secret_answer`: an answer that is never stored cannot be given again");
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Context {
    Tx,
    Reader,
    Request,
}

fn context_kind(argument: &FnArg) -> syn::Result<Context> {
    if let FnArg::Typed(typed) = argument
        && let Type::Reference(reference) = &*typed.ty
        && let Type::Path(path) = &*reference.elem
        && let Some(last) = path.path.segments.last()
    {
        match (last.ident.to_string().as_str(), reference.mutability.is_some()) {
            ("Tx", true) => return Ok(Context::Tx),
            ("Reader", true) => return Ok(Context::Reader),
            ("RequestContext", false) => return Ok(Context::Request),
            _ => {}
        }
    }
    Err(syn::Error::new(argument.span(), "must be `&mut Tx`, `&mut Reader` or `&RequestContext`"))
}

fn argument(argument: &FnArg) -> syn::Result<Argument> {
    if let FnArg::Typed(typed) = argument
        && let Pat::Ident(ident) = &*typed.pat
    {
        return Ok(Argument { name: ident.ident.clone(), ty: (*typed.ty).clone() });
    }
    Err(syn::Error::new(argument.span(), "arguments are plain names with types"))
}

/// The registry entry: everything OpenAPI, the menu and the walking tests know of the operation.
fn meta(
    attribute: &Attribute,
    function: &ItemFn,
    arguments: &[Argument],
    return_type: &Type,
    meta_name: &Ident,
) -> syn::Result<Tokens> {
    let id = function.sig.ident.to_string();
    let method = attribute.method.to_string();
    let path = &attribute.path;
    let docs = doc_text(function);
    let (summary, description) = docs.split_once("\n\n").unwrap_or((docs.as_str(), ""));
    let (summary, description) = (summary.replace('\n', " "), description.trim());
    if summary.trim().is_empty() {
        return Err(syn::Error::new(function.sig.ident.span(), "say in a doc comment what this operation does"));
    }
    let access = attribute.access.iter().map(|access| match access {
        Access::Public => quote!(crate::kernel::registry::Access::Public),
        Access::EndUser => quote!(crate::kernel::registry::Access::EndUser),
        Access::Device => quote!(crate::kernel::registry::Access::Device),
        Access::RevokedDevice => quote!(crate::kernel::registry::Access::RevokedDevice),
        Access::Staff(None) => quote!(crate::kernel::registry::Access::Staff(::core::option::Option::None)),
        Access::Staff(Some(permission)) => quote!(crate::kernel::registry::Access::Staff(
            ::core::option::Option::Some(crate::kernel::permissions::Permission::#permission)
        )),
    });
    let args = arguments.iter().map(|argument| {
        let name = argument.name.to_string();
        let ty = &argument.ty;
        let location = if path.value().contains(&format!("{{{name}}}")) {
            quote!(Path)
        } else if name == "input" {
            quote!(Body)
        } else {
            quote!(Query)
        };
        quote!(crate::kernel::registry::Argument {
            name: #name,
            type_name: stringify!(#ty),
            location: crate::kernel::registry::Location::#location,
            schema: |generator| generator.subschema_for::<#ty>(),
        })
    });
    let status = attribute.status;
    let output = if attribute.answer.is_some() {
        quote!(::core::option::Option::None)
    } else {
        quote!(::core::option::Option::Some(|generator| {
            generator.subschema_for::<<#return_type as crate::kernel::registry::OkType>::Ok>()
        }))
    };
    let rate = attribute.rate.clone().unwrap_or_else(|| format_ident!("Standard"));
    let unaudited = match &attribute.unaudited {
        Some(why) => quote!(::core::option::Option::Some(#why)),
        None => quote!(::core::option::Option::None),
    };
    let (idempotent, secret, stale_ok) = (attribute.idempotent, attribute.secret_answer, attribute.stale_ok);
    let scoped = attribute.scoped;
    let errors = attribute.errors.iter().map(Ident::to_string);
    let answer = attribute.answer.clone().unwrap_or_else(|| format_ident!("Json"));
    let body = match &attribute.body {
        None => quote!(crate::kernel::registry::Body::Json),
        Some(Body::Media(media)) => {
            quote!(crate::kernel::registry::Body::Raw(crate::kernel::registry::Media::#media))
        }
        Some(Body::Multipart(None)) => quote!(crate::kernel::registry::Body::Multipart(::core::option::Option::None)),
        Some(Body::Multipart(Some(fields))) => quote!(crate::kernel::registry::Body::Multipart(
            ::core::option::Option::Some(|generator| generator.subschema_for::<#fields>())
        )),
    };
    Ok(quote! {
        #[cfg(feature = "ssr")]
        #[doc(hidden)]
        pub(crate) static #meta_name: crate::kernel::registry::OperationMeta = crate::kernel::registry::OperationMeta {
            id: #id,
            method: #method,
            path: #path,
            module: module_path!(),
            summary: #summary,
            description: #description,
            access: &[#(#access),*],
            arguments: &[#(#args),*],
            status: #status,
            output: #output,
            rate: crate::kernel::rate::RateClass::#rate,
            unaudited: #unaudited,
            idempotent: #idempotent,
            secret_answer: #secret,
            stale_ok: #stale_ok,
            answer: crate::kernel::registry::Media::#answer,
            body: #body,
            scoped: #scoped,
            errors: &[#(#errors),*],
        };
        #[cfg(feature = "ssr")]
        ::inventory::submit!(crate::kernel::registry::Registered(&#meta_name));
    })
}

fn doc_text(function: &ItemFn) -> String {
    let mut lines = Vec::new();
    for attribute in &function.attrs {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(text) = &literal.lit
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join("\n")
}

fn capital(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn camel(snake: &str) -> String {
    snake.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(attribute: &str, context: &str) -> Option<String> {
        let attribute: Attribute = syn::parse_str(attribute).expect("an attribute");
        let function = format!("/// Do it\npub async fn act(it: {context}, id: EventId) -> Result<()> {{ Ok(()) }}");
        let function: ItemFn = syn::parse_str(&function).expect("a function");
        expand(&attribute, &function).err().map(|error| error.to_string())
    }

    #[test]
    fn options_that_would_be_ignored_do_not_compile() {
        assert_eq!(refused("POST \"/act/{id}\", public, idempotent, per_key = id", "&mut Tx"), None);
        assert_eq!(refused("POST \"/act/{id}\", public, secret_answer", "&RequestContext"), None);
        for (options, context, word) in [
            ("idempotent", "&RequestContext", "`idempotent` needs"),
            ("idempotent", "&mut Reader", "`idempotent` needs"),
            ("per_key = id", "&RequestContext", "`per_key` needs"),
            ("idempotent, secret_answer", "&mut Tx", "never stored"),
        ] {
            let error = refused(&format!("POST \"/act/{{id}}\", public, {options}"), context);
            assert!(error.as_ref().is_some_and(|error| error.contains(word)), "{options}: {error:?}");
        }
    }
}
