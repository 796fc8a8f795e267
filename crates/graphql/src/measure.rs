//! What a query asks for, counted before anything of it is run.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use claviger_web::{Code, Problem};

use crate::limits::{Limit, Passed};

/// What can be called without a credential.
const FREE: &str = "login";
/// Lists by which the schema's description of itself comes back to where it was.
const LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Why a query is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unmeasured {
    /// It asks for too much.
    Passed(Passed),
    /// A fragment contains itself.
    Cycle(String),
}

/// What the operations of a document ask for.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Whether everything can be called without a credential.
    pub(crate) free: bool,
    complexity: usize,
    aliases: usize,
    directives: usize,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    sets: usize,
    depth: usize,
    lists: usize,
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: OperationType,
    path: Vec<&'a Name>,
    root_fields: usize,
    measured: Measured,
}

/// Counts what all operations of a document ask for.
///
/// Fragments are walked as often as they are spread. That is bounded: each step counts, and the walk ends where a limit
/// is passed.
pub(crate) fn measure(document: &ExecutableDocument) -> Result<Measured, Unmeasured> {
    let mut measured = Measured { free: true, ..Measured::default() };
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        measured.directives += operation.directives.len();
        let (path, root_fields) = (Vec::new(), 0);
        let mut walk = Walk { document, operation: operation.ty, path, root_fields, measured };
        walk.set(&operation.selection_set, Place::default())?;
        measured = walk.measured;
    }
    Ok(measured)
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a Positioned<SelectionSet>, outside: Place) -> Result<(), Unmeasured> {
        let place = Place { sets: outside.sets + usize::from(!set.node.items.is_empty()), ..outside };
        // Fragments within fragments are as deep for a stack as fields are.
        within(Limit::Brackets, place.sets)?;
        set.node.items.iter().try_for_each(|selection| self.selection(&selection.node, place))
    }

    fn selection(&mut self, selection: &'a Selection, place: Place) -> Result<(), Unmeasured> {
        self.measured.complexity += 1;
        self.measured.directives += selection.directives().len();
        within(Limit::Complexity, self.measured.complexity)?;
        within(Limit::Directives, self.measured.directives)?;
        match selection {
            Selection::Field(field) => self.field(&field.node, place),
            Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set, place),
            Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node, place),
        }
    }

    fn spread(&mut self, name: &'a Name, place: Place) -> Result<(), Unmeasured> {
        if self.path.contains(&name) {
            return Err(Unmeasured::Cycle(name.to_string()));
        }
        // One that is not there is found when the query is held against the schema.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(()) };
        self.path.push(name);
        self.set(&fragment.node.selection_set, place)?;
        self.path.pop();
        Ok(())
    }

    fn field(&mut self, field: &'a Field, place: Place) -> Result<(), Unmeasured> {
        let name = field.name.node.as_str();
        self.measured.aliases += usize::from(field.alias.is_some());
        within(Limit::Aliases, self.measured.aliases)?;
        if place.depth == 0 {
            self.root_fields += 1;
            within(Limit::RootFields, self.root_fields)?;
            self.measured.free &= self.operation == OperationType::Mutation && name == FREE;
        }
        let list = LISTS.contains(&name);
        let below = Place { depth: place.depth + 1, lists: place.lists + usize::from(list), ..place };
        within(Limit::Depth, below.depth)?;
        within(Limit::Introspection, below.lists)?;
        self.set(&field.selection_set, below)
    }
}

fn within(limit: Limit, count: usize) -> Result<(), Unmeasured> {
    if count <= limit.most() { Ok(()) } else { Err(Unmeasured::Passed(limit.passed())) }
}

impl From<Unmeasured> for Problem {
    fn from(why: Unmeasured) -> Self {
        match why {
            Unmeasured::Passed(passed) => passed.into(),
            Unmeasured::Cycle(name) => {
                Self::saying(Code::Invalid, format!("The fragment `{name}` contains itself."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn of(query: &str) -> Result<Measured, Unmeasured> {
        measure(&parse_query(query).unwrap_or_else(|error| panic!("{query}: {error}")))
    }

    fn passed(query: &str) -> Option<Limit> {
        match of(query) {
            Err(Unmeasured::Passed(Passed(limit))) => Some(limit),
            _ => None,
        }
    }

    fn nested(field: &str, times: usize) -> String {
        format!("{{ {} a {} }}", format!("{field} {{").repeat(times), "}".repeat(times))
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let fields = |count: usize| format!("{{ a {{ {} }} }}", "b ".repeat(count));
        assert_eq!(passed(&fields(Limit::Complexity.most() - 1)), None);
        assert_eq!(passed(&fields(Limit::Complexity.most())), Some(Limit::Complexity));
        assert_eq!(passed(&nested("a", Limit::Depth.most() - 1)), None);
        assert_eq!(passed(&nested("a", Limit::Depth.most())), Some(Limit::Depth));
        let roots = |count: usize| format!("{{ {} }}", "a ".repeat(count));
        assert_eq!(passed(&roots(Limit::RootFields.most())), None);
        assert_eq!(passed(&roots(Limit::RootFields.most() + 1)), Some(Limit::RootFields));
        let aliases = |count: usize| format!("{{ a {{ {} }} }}", "b: c ".repeat(count));
        assert_eq!(passed(&aliases(Limit::Aliases.most())), None);
        assert_eq!(passed(&aliases(Limit::Aliases.most() + 1)), Some(Limit::Aliases));
        let directives = |count: usize| format!("{{ a {} }}", "@b ".repeat(count));
        assert_eq!(passed(&directives(Limit::Directives.most())), None);
        assert_eq!(passed(&directives(Limit::Directives.most() + 1)), Some(Limit::Directives));
        assert_eq!(passed("{ __schema { types { fields { type { fields { name } } } } } }"), None);
        let again = "{ __schema { types { fields { type { fields { type { interfaces { name } } } } } } } }";
        assert_eq!(passed(again), Some(Limit::Introspection));
    }

    #[test]
    fn fragments_count_as_often_as_they_are_spread() {
        let doubling = (0..40).map(|n| format!("fragment f{n} on Q {{ ...f{0} ...f{0} }}", n + 1));
        let query = format!("{{ ...f0 }} {} fragment f40 on Q {{ a }}", doubling.collect::<String>());
        assert!(matches!(passed(&query), Some(Limit::Complexity | Limit::Brackets)));
        let chain = (0..400).map(|n| format!("fragment f{n} on Q {{ ...f{} }}", n + 1));
        let query = format!("{{ ...f0 }} {} fragment f400 on Q {{ a }}", chain.collect::<String>());
        assert_eq!(passed(&query), Some(Limit::Brackets));
        let roots = "a: login ".repeat(50);
        let query = format!("mutation {{ ...f ...f ...f }} fragment f on Q {{ {roots} }}");
        assert!(matches!(passed(&query), Some(Limit::Aliases | Limit::RootFields)));
    }

    #[test]
    fn a_cycle_is_named() {
        for query in [
            "{ ...a } fragment a on Q { ...a }",
            "{ ...b } fragment b on Q { x { ...a } } fragment a on Q { y { ... on Q { ...b } } }",
        ] {
            assert!(matches!(of(query), Err(Unmeasured::Cycle(_))), "{query}");
        }
        assert!(of("{ ...a ...a } fragment a on Q { x }").is_ok());
    }

    #[test]
    fn only_the_login_is_free() {
        let free = |query| of(query).map(|measured| measured.free).ok();
        assert_eq!(free("mutation { login { token } other: login { token } }"), Some(true));
        assert_eq!(free("mutation { ...f } fragment f on Mutation { login { token } }"), Some(true));
        for query in [
            "{ login }",
            "{ __typename }",
            "{ __schema { types { name } } }",
            "mutation { login { token } signOut { id } }",
            "mutation { login: signOut { id } }",
            "mutation { ... on Mutation { login ...f } } fragment f on Mutation { __type(name: \"Key\") { name } }",
            "mutation a { login { token } } query b { whoAmI { id } }",
            "subscription { login }",
        ] {
            assert_eq!(free(query), Some(false), "{query}");
        }
    }
}
