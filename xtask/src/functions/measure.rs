use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, ItemFn, ItemMod, Meta, Signature, TraitItemFn};

/// A function and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name, without the type or module around it.
    pub name: String,
    /// The file, as given.
    pub file: PathBuf,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// Lines from its `fn` to its closing brace, both counted.
    pub lines: usize,
}

/// What one file contains.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Its functions, in order; those of tests left out.
    pub functions: Vec<Function>,
    /// Test modules that it declares and that have files of their own, as paths without extension.
    pub test_modules: Vec<PathBuf>,
}

/// Measures the functions in `text`. What stands in the body of a macro is not seen.
pub fn measure(file: &Path, text: &str) -> syn::Result<Measured> {
    let mut visitor = Visitor { file, measured: Measured::default() };
    visitor.visit_file(&syn::parse_file(text)?);
    Ok(visitor.measured)
}

struct Visitor<'a> {
    file: &'a Path,
    measured: Measured,
}

impl Visitor<'_> {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let line = signature.fn_token.span.start().line;
        let lines = block.brace_token.span.close().end().line + 1 - line;
        let (name, file) = (signature.ident.to_string(), self.file.to_path_buf());
        self.measured.functions.push(Function { name, file, line, lines });
    }

    fn add_test_module(&mut self, module: &ItemMod) {
        if module.content.is_none() {
            self.measured.test_modules.push(module_folder(self.file).join(module.ident.to_string()));
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if is_test(&module.attrs) {
            self.add_test_module(module);
        } else {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_test(&function.attrs) {
            self.add(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test(&function.attrs) {
            self.add(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// Where a file's child modules have their files.
fn module_folder(file: &Path) -> PathBuf {
    let is_root = ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| file.ends_with(name));
    if is_root { file.parent().unwrap_or(file).to_path_buf() } else { file.with_extension("") }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        meta => meta.path().segments.last().is_some_and(|segment| segment.ident == "test"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<(String, usize, usize)> {
        let measured = measure(Path::new("src/lib.rs"), text).unwrap();
        measured.functions.into_iter().map(|found| (found.name, found.line, found.lines)).collect()
    }

    #[test]
    fn a_length_goes_from_the_word_fn_to_the_closing_brace() {
        let text = "/// Doc.\n#[must_use]\npub const fn one() -> u8 { 1 }\n\nfn four(\n    _a: u8,\n) {\n}\n";
        assert_eq!(lengths(text), [("one".into(), 3, 1), ("four".into(), 5, 4)]);
    }

    #[test]
    fn methods_default_methods_and_nested_functions_count() {
        let text = "trait T { fn declared(); fn default() {} }\nimpl S { fn outer() {\nfn inner() {}\n} }";
        let names: Vec<_> = lengths(text).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["default", "outer", "inner"]);
    }

    #[test]
    fn tests_do_not_count() {
        let text =
            "#[cfg(test)] mod tests { fn helper() {} }\n#[test] fn case() {}\n#[tokio::test] async fn b() {}";
        assert_eq!(lengths(text), []);
        assert_eq!(lengths("#[cfg(not(test))] fn real() {}").len(), 1);
    }

    #[test]
    fn test_modules_in_other_files_are_named() {
        let named = |file: &str| measure(Path::new(file), "#[cfg(test)] mod probe;").unwrap().test_modules;
        assert_eq!(named("src/lib.rs"), [PathBuf::from("src/probe")]);
        assert_eq!(named("src/door.rs"), [PathBuf::from("src/door/probe")]);
    }
}
