//! What the first part needs with others goes into the main module.
//!
//! wasm-split makes a file of its own for every set of parts that shares something: with six parts thirty files, and
//! each page asks for half of them. It keeps in the main module whatever that exports, so what landed in shared files
//! at a first split is exported for a second one, and the exports are dropped when that is done. What is left in shared
//! files then are constants, each with its place in memory; they move too.

use anyhow::{Context, Result};
use std::collections::HashSet;
use std::ops::Range;
use wasm_encoder::{ConstExpr, DataCountSection, DataSection, ExportKind, ExportSection, Module, RawSection};
use wasmparser::{DataKind, ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// Our exports begin with this.
const PREFIX: &str = "__shared_by_parts_";
/// Entries of parts begin with this: they must stay where they are.
const ENTRY: &str = "__wasm_split_00";

/// The names of the functions a module defines, with their indices.
fn defined(wasm: &[u8]) -> Result<Vec<(u32, String)>> {
    let (mut imported, mut names) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CustomSection(custom) => {
                let KnownCustom::Name(sections) = custom.as_known() else { continue };
                for section in sections {
                    let Name::Function(map) = section? else { continue };
                    for naming in map {
                        let naming = naming?;
                        names.push((naming.index, naming.name.to_owned()));
                    }
                }
            }
            _ => {}
        }
    }
    names.retain(|(index, name)| *index >= imported && !name.starts_with(ENTRY));
    Ok(names)
}

/// The names of all functions of a file that parts share.
pub fn functions(wasm: &[u8]) -> Result<HashSet<String>> {
    Ok(defined(wasm)?.into_iter().map(|(_, name)| name).collect())
}

/// Exports these functions too, which keeps them in the main module.
pub fn export(wasm: &[u8], functions: &HashSet<String>) -> Result<Vec<u8>> {
    let shared: Vec<u32> =
        defined(wasm)?.into_iter().filter(|(_, name)| functions.contains(name)).map(|(index, _)| index).collect();
    with_exports(wasm, |kept| {
        for index in &shared {
            kept.export(&format!("{PREFIX}{index}"), ExportKind::Func, *index);
        }
    })
}

/// Drops what [`export`] added.
pub fn unexport(wasm: &[u8]) -> Result<Vec<u8>> {
    with_exports(wasm, |_| {})
}

/// The module without our exports, and with those that `add` adds.
fn with_exports(wasm: &[u8], add: impl FnOnce(&mut ExportSection)) -> Result<Vec<u8>> {
    let (mut module, mut add) = (Module::new(), Some(add));
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Payload::ExportSection(exports) = payload else {
            if let Some((id, range)) = payload.as_section() {
                module.section(&RawSection { id, data: bytes(wasm, range)? });
            }
            continue;
        };
        let mut kept = ExportSection::new();
        for export in exports {
            let export = export?;
            if export.name.starts_with(PREFIX) {
                continue;
            }
            let kind = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                ExternalKind::Table => ExportKind::Table,
                ExternalKind::Memory => ExportKind::Memory,
                ExternalKind::Global => ExportKind::Global,
                ExternalKind::Tag => ExportKind::Tag,
            };
            kept.export(export.name, kind, export.index);
        }
        if let Some(add) = add.take() {
            add(&mut kept);
        }
        module.section(&kept);
    }
    Ok(module.finish())
}

/// A constant and where it stands in memory.
pub type Constant = (i32, Vec<u8>);

/// The constants of a file that holds nothing else; none of a file with code.
pub fn constants(wasm: &[u8]) -> Result<Option<Vec<Constant>>> {
    let mut constants = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::CodeSectionStart { count, .. } if count > 0 => return Ok(None),
            Payload::ElementSection(elements) if elements.count() > 0 => return Ok(None),
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else { return Ok(None) };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                        return Ok(None);
                    };
                    constants.push((value, segment.data.to_vec()));
                }
            }
            _ => {}
        }
    }
    constants.retain(|(_, bytes)| !bytes.is_empty());
    Ok(Some(constants))
}

/// The module with these constants among its own.
pub fn with_constants(wasm: &[u8], constants: &[Constant]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let more = u32::try_from(constants.len())?;
        match &payload {
            Payload::DataCountSection { count, .. } => {
                module.section(&DataCountSection { count: count + more });
            }
            Payload::DataSection(segments) => {
                let mut data = DataSection::new();
                for segment in segments.clone() {
                    data.raw(bytes(wasm, segment?.range)?);
                }
                for (place, bytes) in constants {
                    data.active(0, &ConstExpr::i32_const(*place), bytes.iter().copied());
                }
                module.section(&data);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&RawSection { id, data: bytes(wasm, range)? });
                }
            }
        }
    }
    Ok(module.finish())
}

/// A section as it stands in the file.
pub fn bytes(wasm: &[u8], range: Range<u64>) -> Result<&[u8]> {
    wasm.get(usize::try_from(range.start)?..usize::try_from(range.end)?).context("a section is cut off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, NameMap, NameSection, TypeSection};

    /// A module with two functions without arguments, of which it exports the first.
    fn module() -> Vec<u8> {
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        let (mut exports, mut names, mut map) = (ExportSection::new(), NameSection::new(), NameMap::new());
        types.ty().function([], []);
        for (index, name) in [(0, "first"), (1, "second")] {
            functions.function(0);
            let mut body = Function::new([]);
            body.instruction(&Instruction::End);
            code.function(&body);
            map.append(index, name);
        }
        exports.export("main", ExportKind::Func, 0);
        names.functions(&map);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code).section(&names);
        module.finish()
    }

    #[test]
    fn shared_functions_are_exported_and_hidden_again() {
        let module = module();
        assert_eq!(functions(&module).unwrap(), HashSet::from(["first".to_owned(), "second".to_owned()]));
        let exported = export(&module, &HashSet::from(["second".to_owned()])).unwrap();
        assert!(String::from_utf8_lossy(&exported).contains("__shared_by_parts_1"));
        assert_eq!(unexport(&exported).unwrap(), module);
    }
    #[test]
    fn constants_move() {
        let (mut memories, mut data) = (wasm_encoder::MemorySection::new(), DataSection::new());
        memories.memory(wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        data.active(0, &ConstExpr::i32_const(8), *b"here");
        let mut plain = Module::new();
        plain.section(&memories).section(&DataCountSection { count: 1 }).section(&data);
        let plain = plain.finish();
        assert_eq!(constants(&module()).unwrap(), None, "it has code");
        assert_eq!(constants(&plain).unwrap(), Some(vec![(8, b"here".to_vec())]));
        let grown = with_constants(&plain, &[(64, b"too".to_vec())]).unwrap();
        assert_eq!(constants(&grown).unwrap(), Some(vec![(8, b"here".to_vec()), (64, b"too".to_vec())]));
    }
}
