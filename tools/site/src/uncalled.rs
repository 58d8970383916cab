//! Takes out code that the linker has to keep though nothing calls it.
//!
//! Leptos erases the type of a view by a table of functions, and two of each table the browser never comes to: hydrating
//! piece by piece (`hydrate_lazy` would) and from a template. Their bodies become one `unreachable`, and what only they
//! named goes with them, since wasm-split keeps what the linker's relocations lead to. A body keeps its length, so that
//! every other relocation stands where it did.

use crate::shared::bytes;
use anyhow::{Context, Result, ensure};
use std::collections::HashSet;
use std::ops::Range;
use wasm_encoder::{Encode, Module, RawSection};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Their names as they stand in symbols: with their lengths.
const UNCALLED: [&str; 2] = ["13hydrate_async", "21hydrate_from_template"];

/// The linker's list of the places in code that name a function or constant.
const RELOCATIONS: &str = "reloc.CODE";

/// The module with nothing behind the functions that nobody calls, and how many bytes of code those were.
pub fn emptied(wasm: &[u8]) -> Result<(Vec<u8>, u64)> {
    let uncalled = uncalled(wasm)?;
    let mut emptied = wasm.to_vec();
    let (mut imported, mut defined, mut code) = (0, 0, 0);
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => code = range.start,
            Payload::CodeSectionEntry(body) => {
                if uncalled.contains(&(imported + defined)) {
                    let range = body.range();
                    let body = emptied.get_mut(usize::try_from(range.start)?..usize::try_from(range.end)?);
                    empty(body.context("a function is cut off")?)?;
                    ranges.push(range.start - code..range.end - code);
                }
                defined += 1;
            }
            _ => {}
        }
    }
    let dropped = ranges.iter().map(|range| range.end - range.start).sum();
    Ok((without_relocations(&emptied, &ranges)?, dropped))
}

/// The indices of the functions that nobody calls.
fn uncalled(wasm: &[u8]) -> Result<HashSet<u32>> {
    let mut found = HashSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(custom) = payload? else { continue };
        let KnownCustom::Name(sections) = custom.as_known() else { continue };
        for section in sections {
            let Name::Function(map) = section? else { continue };
            for naming in map {
                let naming = naming?;
                if UNCALLED.iter().any(|name| naming.name.contains(name)) {
                    found.insert(naming.index);
                }
            }
        }
    }
    Ok(found)
}

/// No locals, and then nothing but `unreachable` up to the end.
fn empty(body: &mut [u8]) -> Result<()> {
    const END: u8 = 0x0b;
    ensure!(body.len() >= 2, "a function is shorter than one can be");
    body.fill(0); // how many locals, and the opcode of `unreachable`
    body[body.len() - 1] = END;
    Ok(())
}

/// The module without the relocations of these ranges of its code, which are in order.
fn without_relocations(wasm: &[u8], ranges: &[Range<u64>]) -> Result<Vec<u8>> {
    let within = |at: u64| {
        let next = ranges.partition_point(|range| range.end <= at);
        ranges.get(next).is_some_and(|range| range.contains(&at))
    };
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        let relocations = match &payload {
            Payload::CustomSection(custom) if custom.name() == RELOCATIONS => match custom.as_known() {
                KnownCustom::Reloc(relocations) => relocations,
                _ => anyhow::bail!("{RELOCATIONS} cannot be read"),
            },
            _ => {
                module.section(&RawSection { id, data: bytes(wasm, range)? });
                continue;
            }
        };
        let (mut count, mut kept) = (0_u32, Vec::new());
        let mut entries = relocations.entries().into_iter_with_offsets().peekable();
        while let Some(entry) = entries.next() {
            let (begin, entry) = entry?;
            let end = match entries.peek() {
                Some(Ok((next, _))) => *next,
                _ => range.end,
            };
            if !within(u64::from(entry.offset)) {
                kept.extend_from_slice(bytes(wasm, begin..end)?);
                count += 1;
            }
        }
        let mut data = Vec::new();
        RELOCATIONS.encode(&mut data);
        relocations.section_index().encode(&mut data);
        count.encode(&mut data);
        data.extend_from_slice(&kept);
        module.section(&RawSection { id, data: &data });
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;
    use wasm_encoder::{
        CodeSection, CustomSection, Function, FunctionSection, Instruction, NameMap, NameSection, TypeSection,
    };

    /// Two functions that each call the first, with the relocations of both calls.
    fn module(second: &str) -> Vec<u8> {
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        let (mut names, mut map) = (NameSection::new(), NameMap::new());
        types.ty().function([], []);
        for (index, name) in [(0, "kept"), (1, second)] {
            functions.function(0);
            let mut body = Function::new([]);
            body.instruction(&Instruction::Call(0)).instruction(&Instruction::End);
            code.function(&body);
            map.append(index, name);
        }
        names.functions(&map);
        // Of section 2: R_WASM_FUNCTION_INDEX_LEB at 4 and at 9, behind count, size, locals and the opcode of each.
        let calls = CustomSection { name: RELOCATIONS.into(), data: Cow::Borrowed(&[2, 2, 0, 4, 0, 0, 9, 0]) };
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&calls).section(&names);
        module.finish()
    }

    fn relocations(wasm: &[u8]) -> Vec<u32> {
        let mut offsets = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::CustomSection(custom) = payload.unwrap() else { continue };
            let KnownCustom::Reloc(section) = custom.as_known() else { continue };
            offsets.extend(section.entries().into_iter().map(|entry| entry.unwrap().offset));
        }
        offsets
    }

    #[test]
    fn what_nobody_calls_is_emptied_and_names_nothing_any_longer() {
        let before = module("_ZN8into_any13hydrate_async17h0E");
        assert_eq!(relocations(&before), [4, 9]);
        let (after, bytes) = emptied(&before).unwrap();
        assert_eq!((relocations(&after), bytes), (vec![4], 4));
        let bodies: Vec<_> = Parser::new(0)
            .parse_all(&after)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
                _ => None,
            })
            .collect();
        assert_eq!(bodies, [vec![0, 0x10, 0, 0x0b], vec![0, 0, 0, 0x0b]]);
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let before = module("_ZN7another17h0E");
        assert_eq!(emptied(&before).unwrap(), (before, 0));
    }
}
