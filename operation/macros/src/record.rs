//! `#[record]`: how a type that travels as JSON is read. The server reads it as serde does, strictly and from any format;
//! the browser, which reads only JSON of its own server, field by field out of a map.

use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, GenericParam, Lit, Meta, Token};

/// What `#[serde(…)]` says of a type or a field, as far as it concerns reading.
#[derive(Default)]
struct Says {
    rename: Option<String>,
    default: bool,
    read_with: Option<syn::Path>,
    /// It is read as another type is, or as one of several.
    otherwise: bool,
}

impl Says {
    fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut says = Says::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            for meta in attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)? {
                says.take(&meta)?;
            }
        }
        Ok(says)
    }

    fn take(&mut self, meta: &Meta) -> syn::Result<()> {
        let Some(word) = meta.path().get_ident().map(ToString::to_string) else { return Ok(()) };
        match (word.as_str(), meta) {
            ("default", Meta::Path(_)) => self.default = true,
            ("rename", Meta::NameValue(pair)) => self.rename = Some(text(&pair.value)?.value()),
            ("deserialize_with", Meta::NameValue(pair)) => self.read_with = Some(text(&pair.value)?.parse()?),
            // One server writes what is read here: by these names, and nothing else.
            ("alias" | "deny_unknown_fields" | "skip_serializing_if", _) => {}
            _ => self.otherwise = true,
        }
        Ok(())
    }
}

fn text(value: &Expr) -> syn::Result<&syn::LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(syn::Error::new_spanned(other, "a text")),
    }
}

pub fn expand(item: DeriveInput) -> syn::Result<Tokens> {
    let says = Says::of(&item.attrs)?;
    let fields = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !says.otherwise => Some(fields.named.iter().collect::<Vec<_>>()),
            _ => None,
        },
        _ => None,
    };
    let each = fields.iter().flatten().map(|field| Says::of(&field.attrs)).collect::<syn::Result<Vec<_>>>()?;
    let Some(fields) = fields.filter(|_| !each.iter().any(|says| says.otherwise)) else {
        return Ok(quote! {
            #[derive(::serde::Deserialize)]
            #item
        });
    };
    let reader = reader(&item, &says, &fields, &each);
    let bare = if derives(&item.attrs, "Serialize") { item.clone() } else { without_serde(item.clone()) };
    Ok(quote! {
        #[cfg(feature = "ssr")]
        #[derive(::serde::Deserialize)]
        #item
        #[cfg(not(feature = "ssr"))]
        #bare
        #reader
    })
}

fn reader(item: &DeriveInput, says: &Says, fields: &[&Field], each: &[Says]) -> Tokens {
    let name = &item.ident;
    let types: Vec<_> = item
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(of) => Some(&of.ident),
            _ => None,
        })
        .collect();
    let names: Vec<_> = fields.iter().filter_map(|field| field.ident.as_ref()).collect();
    let defaults = says.default.then(|| quote!(let Self { #(#names),* } = ::core::default::Default::default();));
    let values = names.iter().zip(each).map(|(ident, field)| {
        let key = field.rename.clone().unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
        match (&field.read_with, field.default, says.default) {
            (Some(with), true, _) => quote!(#ident: fields.take_with_or_default(#key, #with)?),
            (Some(with), false, _) => quote!(#ident: fields.take_with(#key, #with)?),
            (None, _, true) => quote!(#ident: fields.take_or(#key, #ident)?),
            (None, true, false) => quote!(#ident: fields.take_or_default(#key)?),
            (None, false, false) => quote!(#ident: fields.take(#key)?),
        }
    });
    quote! {
        #[cfg(not(feature = "ssr"))]
        const _: () = {
            impl<#(#types: ::serde::de::DeserializeOwned),*> #name<#(#types),*> {
                #[inline(never)]
                fn read_fields(mut fields: ::operation::Fields) -> ::core::result::Result<Self, ::operation::Misread> {
                    #defaults
                    ::core::result::Result::Ok(Self { #(#values),* })
                }
            }
            impl<'de, #(#types: ::serde::de::DeserializeOwned),*> ::serde::Deserialize<'de> for #name<#(#types),*> {
                fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                    Self::read_fields(::operation::Fields::of(from)?).map_err(::serde::de::Error::custom)
                }
            }
        };
    }
}

fn derives(attributes: &[Attribute], what: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|attribute| {
        let paths = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        paths.is_ok_and(|paths| paths.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == what)))
    })
}

/// Nothing that is left derives what these are for.
fn without_serde(mut item: DeriveInput) -> DeriveInput {
    let keep = |attributes: &mut Vec<Attribute>| attributes.retain(|attribute| !attribute.path().is_ident("serde"));
    keep(&mut item.attrs);
    if let Data::Struct(data) = &mut item.data {
        data.fields.iter_mut().for_each(|field| keep(&mut field.attrs));
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(item: &str) -> String {
        expand(syn::parse_str(item).expect("a type")).expect("it expands").to_string().replace(' ', "")
    }

    #[test]
    fn a_struct_is_read_field_by_field_under_its_names() {
        let code = expanded(
            r#"#[derive(Serialize)] #[serde(deny_unknown_fields)] pub struct Seen {
                   id: u8,
                   #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")] kind: Option<u8>,
                   #[serde(deserialize_with = "distinct")] tags: Vec<u8>,
               }"#,
        );
        for part in [
            r#"id:fields.take("id")?"#,
            r#"kind:fields.take_or_default("type")?"#,
            r#"tags:fields.take_with("tags",distinct)?"#,
            r#"#[cfg(feature="ssr")]#[derive(::serde::Deserialize)]#[derive(Serialize)]#[serde(deny_unknown_fields)]"#,
        ] {
            assert!(code.contains(part), "{part} in {code}");
        }
    }

    #[test]
    fn a_default_of_the_whole_stands_for_each_field() {
        let code = expanded("#[serde(default)] struct Asked { from: u8, to: u8 }");
        assert!(code.contains("letSelf{from,to}=::core::default::Default::default();"), "{code}");
        assert!(code.contains(r#"from:fields.take_or("from",from)?"#), "{code}");
        assert!(
            code.contains(r#"#[cfg(not(feature="ssr"))]structAsked"#),
            "nothing else derives what serde's are for: {code}"
        );
    }

    #[test]
    fn all_else_is_read_as_serde_does() {
        for item in [
            "enum Kind { A, B }",
            "struct Id(u8);",
            r#"#[serde(try_from = "u32")] struct Limit { rows: u32 }"#,
            "struct Whole { #[serde(flatten)] rest: Rest }",
        ] {
            let code = expanded(item);
            assert!(code.starts_with("#[derive(::serde::Deserialize)]") && !code.contains("Fields"), "{code}");
        }
    }
}
