//! One file for what the lazy parts share, but for what a visitor needs before signing in.
//!
//! wasm-split makes a file of its own for every set of parts that shares something: with eleven parts some seventy, and
//! each page asks for half of them. Those sets that hold the first part go into the main module (see `shared`); all the
//! others are joined here. They can be, because they have the same types and imports (stack pointer, table, memory) and
//! call each other through the table.

use crate::shared;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, FunctionSection, ImportSection, Module, NameMap,
    NameSection, RawSection,
};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Its file and its name in the manifest and the loader.
pub const NAME: &str = "shared";

/// What so many parts share at most is for few pages.
const FEW: usize = 3;
/// So many files that few parts share stay files of their own: the largest.
const APART: usize = 16;

/// A file that parts share.
pub struct Shared {
    pub name: String,
    pub parts: usize,
    pub wasm: Vec<u8>,
}

/// Those that become the shared chunk, in the order they came in. Half of what parts share only two or three of them share: the
/// largest of these would make the shared chunk of all other pages longer, and the small ones are not worth a request.
pub fn joined(shared: Vec<Shared>) -> Vec<Shared> {
    let mut few: Vec<usize> = shared.iter().filter(|one| one.parts <= FEW).map(|one| one.wasm.len()).collect();
    few.sort_unstable_by(|a, b| b.cmp(a));
    let limit = few.get(APART).copied().unwrap_or(0);
    shared.into_iter().filter(|one| one.parts > FEW || one.wasm.len() <= limit).collect()
}

/// The files that parts share, in the loader's order, each with its parts: the loader names them above the file.
pub fn sharers(loader: &str) -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    for (comment, line) in loader.lines().zip(loader.lines().skip(1)) {
        let parts = comment.strip_prefix("/* ").and_then(|rest| rest.strip_suffix(" */"));
        let file = line.strip_prefix("const __").and_then(|rest| rest.split_once(" = "));
        if let (Some(parts), Some((file, _))) = (parts, file) {
            files.push((file.to_owned(), parts.split(", ").map(str::to_owned).collect()));
        }
    }
    files
}

/// The loader, which fetches the shared chunk in the place of any of these files. They stand in its order: where the first of
/// them was, the shared chunk is declared.
pub fn in_loader(loader: &str, files: &[String]) -> Result<String> {
    let mut loader = loader.to_owned();
    for (index, file) in files.iter().enumerate() {
        let begin = format!("const __{file} = ");
        let (before, rest) = loader.split_once(&begin).with_context(|| format!("the loader does not load {file}"))?;
        let (fetching, after) = rest.split_once(", []);").context("a loader without an end")?;
        let declared = match index {
            0 => format!("const __{NAME} = {}, []);\n", fetching.replace(&format!("{file}.wasm"), "shared.wasm")),
            _ => String::new(),
        };
        loader = format!("{before}{declared}{begin}__{NAME};{after}");
    }
    Ok(loader)
}

/// Functions stand further behind than in the file they come from.
struct Behind(u32);

impl Reencode for Behind {
    type Error = Infallible;
    fn function_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(index + self.0)
    }
}

/// Joins files of one split into one.
pub fn join<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>> {
    let (mut types, mut imports) = (None, BTreeMap::new());
    let (mut functions, mut elements, mut code) = (FunctionSection::new(), ElementSection::new(), CodeSection::new());
    let (mut data, mut names) = (DataSection::new(), NameMap::new());
    for file in files {
        let mut behind = Behind(functions.len());
        for payload in Parser::new(0).parse_all(file) {
            let payload = payload?;
            match payload {
                Payload::Version { .. } | Payload::End(_) | Payload::DataCountSection { .. } => {}
                Payload::TypeSection(section) => {
                    let bytes = shared::bytes(file, section.range())?;
                    ensure!(*types.get_or_insert(bytes) == bytes, "the files have different types");
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        // The only global that code uses is the stack pointer; debug builds import a constant, unused,
                        // that says which build they are of.
                        let order = match import.ty {
                            TypeRef::Global(global) if global.mutable => 0,
                            TypeRef::Table(_) => 1,
                            TypeRef::Memory(_) => 2,
                            TypeRef::Global(_) => 3,
                            other => bail!("{} is imported, a {other:?}", import.name),
                        };
                        let ty = behind.entity_type(import.ty)?;
                        let known = imports.entry(order).or_insert((import.module, import.name, ty));
                        ensure!(known.1 == import.name, "two of a kind are imported: {} and {}", known.1, import.name);
                    }
                }
                Payload::FunctionSection(section) => behind.parse_function_section(&mut functions, section)?,
                Payload::ElementSection(section) => behind.parse_element_section(&mut elements, section)?,
                Payload::CodeSectionStart { .. } => {}
                Payload::ExportSection(section) if section.count() == 0 => {}
                Payload::CodeSectionEntry(body) => behind.parse_function_body(&mut code, body)?,
                Payload::DataSection(section) => behind.parse_data_section(&mut data, section)?,
                Payload::CustomSection(custom) => {
                    let KnownCustom::Name(sections) = custom.as_known() else { continue };
                    for section in sections {
                        let Name::Function(map) = section? else { continue };
                        for naming in map {
                            let naming = naming?;
                            names.append(behind.0 + naming.index, naming.name);
                        }
                    }
                }
                other => bail!("did not expect {other:?}"),
            }
        }
    }
    let mut imported = ImportSection::new();
    for (module, name, ty) in imports.into_values() {
        imported.import(module, name, ty);
    }
    let mut module = Module::new();
    if let Some(types) = types {
        module.section(&RawSection { id: 1, data: types });
    }
    module.section(&imported).section(&functions).section(&elements);
    module.section(&DataCountSection { count: data.len() }).section(&code).section(&data);
    let mut all = NameSection::new();
    all.functions(&names);
    module.section(&all);
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ConstExpr, Elements, EntityType, Function, Instruction, MemoryType, TypeSection};

    const LOADER: &str = "\
/* audit, team */
const __chunk_9 = makeLoad(() => {
    const src = fetch(new URL(\"./chunk_9.wasm\", import.meta.url));
}
, []);
/* audit, way_in */
const __chunk_10 = () => {};
/* events, team */
const __chunk_11 = makeLoad(() => {
    const src = fetch(new URL(\"./chunk_11.wasm\", import.meta.url));
}
, []);
";

    #[test]
    fn the_largest_that_few_parts_share_stay_apart() {
        let shared = |name: &str, parts, size| Shared { name: name.to_owned(), parts, wasm: vec![0; size] };
        let mut files: Vec<Shared> = (0..APART).map(|n| shared(&format!("large_{n}"), 2, 100 + n)).collect();
        files.extend([shared("small", 3, 9), shared("most", 4, 1000)]);
        let names: Vec<String> = joined(files).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["small", "most"]);
    }

    #[test]
    fn the_loader_says_who_shares_and_loads_the_shared_chunk() {
        let sharers = sharers(LOADER);
        assert_eq!(
            sharers.iter().map(|(file, _)| file.as_str()).collect::<Vec<_>>(),
            ["chunk_9", "chunk_10", "chunk_11"]
        );
        assert_eq!(sharers[1].1, ["audit", "way_in"]);
        let loader = in_loader(LOADER, &["chunk_9".to_owned(), "chunk_11".to_owned()]).unwrap();
        assert_eq!(loader.matches("./shared.wasm").count(), 1);
        assert!(!loader.contains("./chunk_"), "{loader}");
        let declared = loader.find("const __shared = ").unwrap();
        for user in ["const __chunk_9 = __shared;", "const __chunk_11 = __shared;"] {
            assert!(declared < loader.find(user).unwrap(), "{loader}");
        }
        assert!(in_loader(LOADER, &["chunk_12".to_owned()]).is_err());
    }

    /// A file with one function, which calls itself and stands in the table.
    fn file(place: i32) -> Vec<u8> {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        let (mut functions, mut elements, mut code) =
            (FunctionSection::new(), ElementSection::new(), CodeSection::new());
        types.ty().function([], []);
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        imports.import("__wasm_split", "memory", EntityType::Memory(memory));
        functions.function(0);
        elements.active(Some(0), &ConstExpr::i32_const(place), Elements::Functions([0].as_slice().into()));
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(0)).instruction(&Instruction::End);
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
        module.finish()
    }

    #[test]
    fn functions_move_with_their_calls_and_their_places_in_the_table() {
        let (first, second) = (file(7), file(9));
        let joined = join([first.as_slice(), &second]).unwrap();
        let (mut calls, mut places, mut imports) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(&joined) {
            match payload.unwrap() {
                Payload::ImportSection(section) => imports += section.count(),
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().unwrap() {
                        if let wasmparser::Operator::Call { function_index } = operator.unwrap() {
                            calls.push(function_index);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let wasmparser::ElementItems::Functions(items) = element.unwrap().items else { panic!() };
                        places.extend(items.into_iter().map(Result::unwrap));
                    }
                }
                _ => {}
            }
        }
        assert_eq!((calls, places, imports), (vec![0, 1], vec![0, 1], 1));
    }
}
