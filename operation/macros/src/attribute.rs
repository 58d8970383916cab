use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Ident, LitInt, LitStr, Token, Type, parenthesized};

/// One alternative of who may call.
pub enum Access {
    Public,
    EndUser,
    Staff(Option<Ident>),
    Device,
    RevokedDevice,
}

/// A body that is not JSON: the operation takes it untouched.
pub enum Body {
    /// A variant of `registry::Media`.
    Media(Ident),
    /// A form with a file, and a type whose fields the form has beside it.
    Multipart(Option<Box<Type>>),
}

impl Body {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let word: Ident = input.parse()?;
        if word != "multipart" {
            return Ok(Body::Media(word));
        }
        if !input.peek(Paren) {
            return Ok(Body::Multipart(None));
        }
        let fields;
        parenthesized!(fields in input);
        Ok(Body::Multipart(Some(Box::new(fields.parse()?))))
    }
}

/// What stands in `#[operation(…)]`.
pub struct Attribute {
    pub method: Ident,
    pub path: LitStr,
    pub access: Vec<Access>,
    pub status: u16,
    pub unaudited: Option<LitStr>,
    pub rate: Option<Ident>,
    pub per_key: Option<Ident>,
    pub idempotent: bool,
    pub secret_answer: bool,
    /// What it answers instead of JSON: a variant of `registry::Media`.
    pub answer: Option<Ident>,
    pub body: Option<Body>,
    pub stale_ok: bool,
    pub scoped: bool,
    /// Error codes it gives of its own.
    pub errors: Vec<Ident>,
}

impl Parse for Attribute {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let method: Ident = input.parse()?;
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.to_string().as_str()) {
            return Err(syn::Error::new(method.span(), "must be GET, POST, PUT, PATCH or DELETE"));
        }
        let path: LitStr = input.parse()?;
        if !path.value().starts_with('/') {
            return Err(syn::Error::new(path.span(), "the path starts with `/`; /api/v1 is added"));
        }
        let mut attribute = Attribute {
            method,
            path,
            access: Vec::new(),
            status: 200,
            unaudited: None,
            rate: None,
            per_key: None,
            idempotent: false,
            secret_answer: false,
            answer: None,
            body: None,
            stale_ok: false,
            scoped: false,
            errors: Vec::new(),
        };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            attribute.option(input)?;
        }
        if attribute.access.is_empty() {
            return Err(input.error("say who may call: public, end_user, device, staff or staff = Permission"));
        }
        Ok(attribute)
    }
}

impl Attribute {
    fn option(&mut self, input: ParseStream) -> syn::Result<()> {
        let key: Ident = input.parse()?;
        let has_value = input.peek(Token![=]);
        if has_value {
            input.parse::<Token![=]>()?;
        }
        match (key.to_string().as_str(), has_value) {
            ("public", false) => self.access.push(Access::Public),
            ("end_user", false) => self.access.push(Access::EndUser),
            ("staff", false) => self.access.push(Access::Staff(None)),
            ("staff", true) => self.access.push(Access::Staff(Some(input.parse()?))),
            ("device", false) => self.access.push(Access::Device),
            ("revoked_device", false) => self.access.push(Access::RevokedDevice),
            ("status", true) => self.status = input.parse::<LitInt>()?.base10_parse()?,
            ("rate", true) => self.rate = Some(input.parse()?),
            ("per_key", true) => self.per_key = Some(input.parse()?),
            ("idempotent", false) => self.idempotent = true,
            ("secret_answer", false) => self.secret_answer = true,
            ("stale_ok", false) => self.stale_ok = true,
            ("scoped", false) => self.scoped = true,
            ("answer", true) => self.answer = Some(input.parse()?),
            ("body", true) => self.body = Some(Body::parse(input)?),
            ("errors", false) => {
                let codes;
                parenthesized!(codes in input);
                self.errors = Punctuated::<Ident, Token![,]>::parse_terminated(&codes)?.into_iter().collect();
            }
            ("audit", true) => {
                expect(input, "none")?;
                let why;
                parenthesized!(why in input);
                self.unaudited = Some(why.parse()?);
            }
            _ => return Err(syn::Error::new(key.span(), "not an option of #[operation]")),
        }
        Ok(())
    }
}

fn expect(input: ParseStream, word: &str) -> syn::Result<()> {
    let got: Ident = input.parse()?;
    if got == word { Ok(()) } else { Err(syn::Error::new(got.span(), format!("only `{word}` is known here"))) }
}
