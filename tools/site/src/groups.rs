//! Few files for what the lazy parts share, but for what a visitor needs before signing in.
//!
//! wasm-split makes a file of its own for every set of parts that shares something: with forty parts eight hundred, and
//! each page asks for a hundred of them. Those sets that hold the first part go into the main module (see `shared`); of the
//! others, files are joined whose pages are nearly the same. They can be, because they have the same types and imports
//! (stack pointer, table, memory) and call each other through the table.

use crate::shared;
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, FunctionSection, ImportSection, Module, NameMap,
    NameSection, RawSection,
};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// One more file on a page is as bad as this part of all that is shared, fetched in vain.
const FILE: u64 = 60;

/// A file that parts share.
pub struct Shared {
    pub name: String,
    pub parts: Vec<String>,
    pub wasm: Vec<u8>,
}

/// Files that become one.
pub struct Group {
    pub name: String,
    pub files: Vec<Shared>,
}

/// What stands in one file, while files are joined: its parts by their bits, and what it weighs.
#[derive(Clone, Copy)]
struct Weighed {
    parts: u128,
    weight: i64,
}

impl Weighed {
    fn and(self, other: Self) -> Self {
        Weighed { parts: self.parts | other.parts, weight: self.weight + other.weight }
    }

    /// What it costs the pages of both to have both as one: what they do not need of it, less a file for those who need
    /// both. `None` where nobody does.
    fn cost(self, other: Self, file: i64) -> Option<i64> {
        let both = i64::from((self.parts & other.parts).count_ones());
        let alone = |one: Self| i64::from(one.parts.count_ones()) - both;
        (both > 0).then(|| self.weight * alone(other) + other.weight * alone(self) - file * both)
    }
}

/// Which files become one: two at a time, those first that gain most, until nothing is gained.
pub fn grouped(shared: Vec<Shared>) -> Result<Vec<Group>> {
    let names: BTreeSet<&String> = shared.iter().flat_map(|file| &file.parts).collect();
    ensure!(names.len() <= 128, "{} parts are more than have a bit each", names.len());
    let bit: BTreeMap<&String, u128> = names.into_iter().enumerate().map(|(at, name)| (name, 1 << at)).collect();
    // Each file repeats the same types and imports.
    let head = shared.iter().map(|file| file.wasm.len()).min().unwrap_or_default();
    let weigh = |file: &Shared| Weighed {
        parts: file.parts.iter().fold(0, |all, part| all | bit[part]),
        weight: (file.wasm.len() - head) as i64,
    };
    let mut weighed: Vec<Option<Weighed>> = shared.iter().map(|file| Some(weigh(file))).collect();
    let file = weighed.iter().flatten().map(|one| one.weight).sum::<i64>() / FILE as i64 + 1;

    // The best of those before it, for each.
    let best_of = |weighed: &[Option<Weighed>], at: usize| {
        let one = weighed[at]?;
        let others = weighed[..at].iter().enumerate();
        let costs = others.filter_map(|(other, known)| Some(((*known)?.cost(one, file)?, other)));
        costs.min().filter(|(cost, _)| *cost < 0)
    };
    let mut best: Vec<Option<(i64, usize)>> = (0..weighed.len()).map(|at| best_of(&weighed, at)).collect();
    let mut into: Vec<usize> = (0..weighed.len()).collect();
    while let Some((_, second, first)) =
        best.iter().enumerate().filter_map(|(at, best)| best.map(|(cost, other)| (cost, at, other))).min()
    {
        weighed[first] = weighed[first].zip(weighed[second]).map(|(one, other)| one.and(other));
        weighed[second] = None;
        into[second] = first;
        best[second] = None;
        best[first] = best_of(&weighed, first);
        for at in first + 1..weighed.len() {
            let Some(one) = weighed[at] else { continue };
            if best[at].is_some_and(|(_, other)| other == first || other == second) {
                best[at] = best_of(&weighed, at);
            } else if let Some(cost) = weighed[first].and_then(|joined| joined.cost(one, file)).filter(|cost| *cost < 0)
            {
                best[at] = Some(best[at].map_or((cost, first), |known| known.min((cost, first))));
            }
        }
    }

    let mut groups: BTreeMap<usize, Vec<Shared>> = BTreeMap::new();
    for (at, one) in shared.into_iter().enumerate() {
        // What was joined into another stands behind it.
        let mut group = at;
        while into[group] != group {
            group = into[group];
        }
        groups.entry(group).or_default().push(one);
    }
    let named = groups.into_values().enumerate().map(|(at, files)| match files.as_slice() {
        [alone] => Group { name: alone.name.clone(), files },
        _ => Group { name: format!("shared_{at}"), files },
    });
    Ok(named.collect())
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

/// The loader, which knows the groups and none of the files that they are made of, nor those that are no more.
pub fn in_loader(loader: &str, groups: &[Group]) -> Result<String> {
    let (mut written, mut declared, mut gone) = (String::new(), false, BTreeSet::new());
    let mut lines = loader.lines().peekable();
    while let Some(line) = lines.next() {
        let file_of = |line: &str| Some(line.strip_prefix("const __")?.split_once(" = ")?.0.to_owned());
        if line.starts_with("/* ") && lines.peek().is_some_and(|next| file_of(next).is_some()) {
            continue;
        }
        if let Some(file) = file_of(line) {
            if !std::mem::replace(&mut declared, true) {
                let joined = groups.iter().filter(|group| group.files.len() > 1);
                joined.for_each(|Group { name, .. }| written += &declaration(name));
            }
            let mut lasting = format!("{line}\n");
            if line.ends_with("() => {};") {
                gone.insert(file);
                continue;
            }
            while !lasting.ends_with(", []);\n") {
                lasting += lines.next().context("a file that is declared without an end")?;
                lasting.push('\n');
            }
            if of_groups([file.as_str()].into_iter(), groups) == [file.as_str()] {
                written += &lasting;
            }
            continue;
        }
        match line.strip_prefix(", [").and_then(|rest| rest.split_once(']')) {
            Some((files, after)) => {
                let files = files.split(", ").filter_map(|file| file.strip_prefix("__"));
                let files = of_groups(files.filter(|file| !gone.contains(*file)), groups);
                let files: Vec<String> = files.iter().map(|name| format!("__{name}")).collect();
                written += &format!(", [{}]{after}\n", files.join(", "));
            }
            None => written += &format!("{line}\n"),
        }
    }
    ensure!(declared || groups.is_empty(), "the loader declares no file that parts share");
    Ok(written)
}

/// How the loader declares a file.
fn declaration(name: &str) -> String {
    format!(
        r#"const __{name} = makeLoad(() => {{
    const src = fetch(new URL("./{name}.wasm", import.meta.url));
    src.catch(() => {{}});
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}}
, []);
"#
    )
}

/// These files with groups in the place of what they are made of, each once.
pub fn of_groups<'a>(files: impl Iterator<Item = &'a str>, groups: &'a [Group]) -> Vec<&'a str> {
    let mut all = Vec::new();
    for file in files {
        let group = groups.iter().find(|group| group.files.iter().any(|one| one.name == file));
        let name = group.map_or(file, |group| group.name.as_str());
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
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
import { initSync } from \"./eventify.js\";
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
    src.catch(() => {});
}
, []);
/* audit, events */
const __chunk_12 = makeLoad(() => {
    const src = fetch(new URL(\"./chunk_12.wasm\", import.meta.url));
}
, []);
export const __wasm_split_load_audit = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL(\"./split_audit.wasm\", import.meta.url));
}
, [__chunk_9, __chunk_10, __chunk_11, __chunk_12]));
";

    fn shared(name: &str, parts: &[&str], size: usize) -> Shared {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        Shared { name: name.to_owned(), parts, wasm: vec![0; size] }
    }

    fn names(groups: &[Group]) -> Vec<Vec<&str>> {
        groups.iter().map(|group| group.files.iter().map(|file| file.name.as_str()).collect()).collect()
    }

    #[test]
    fn what_nearly_the_same_pages_need_is_one_file() {
        let groups = grouped(vec![
            shared("all", &["audit", "events", "team"], 9_000),
            shared("few", &["audit", "team"], 120),
            shared("large", &["audit", "events"], 8_000),
            shared("same", &["audit", "events"], 3_000),
            shared("other", &["plan", "talent"], 110),
            shared("least", &["audit", "events", "team"], 100),
        ]);
        let groups = groups.unwrap();
        assert_eq!(names(&groups), [vec!["all", "few", "least"], vec!["large", "same"], vec!["other"]]);
        let named: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(named, ["shared_0", "shared_1", "other"]);
        assert!(grouped(Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn the_loader_says_who_shares_and_loads_the_groups() {
        let sharers = sharers(LOADER);
        assert_eq!(
            sharers.iter().map(|(file, _)| file.as_str()).collect::<Vec<_>>(),
            ["chunk_9", "chunk_10", "chunk_11", "chunk_12"]
        );
        assert_eq!(sharers[1].1, ["audit", "way_in"]);
        let both = vec![shared("chunk_9", &["audit", "team"], 1), shared("chunk_11", &["events", "team"], 1)];
        let alone = vec![shared("chunk_12", &["audit", "events"], 1)];
        let groups =
            [Group { name: "shared_0".to_owned(), files: both }, Group { name: "chunk_12".to_owned(), files: alone }];
        let loader = in_loader(LOADER, &groups).unwrap();
        for (text, times) in
            [("./shared_0.wasm", 1), ("./chunk_12.wasm", 1), ("chunk_9", 0), ("chunk_10", 0), ("/* ", 0)]
        {
            assert_eq!(loader.matches(text).count(), times, "{text} in {loader}");
        }
        assert!(loader.starts_with("import"), "{loader}");
        assert!(loader.ends_with("audit.wasm\", import.meta.url));\n}\n, [__shared_0, __chunk_12]));\n"), "{loader}");
        assert!(in_loader("", &groups).is_err());
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
