//! What is asked at a time: a survey's questions one after the other, or all of them at once.

use crate::domain::form::{Definition, Layout, Node, Steps};
use crate::domain::id::FieldId;

/// What stands together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step<'a> {
    /// The parts of the definition's tree.
    pub nodes: Vec<&'a Node>,
    /// The fields in them.
    pub fields: Vec<&'a FieldId>,
}

/// The steps of `definition`, in their order, whether they are shown or not. One if all is asked at once.
pub fn steps(definition: &Definition) -> Vec<Step<'_>> {
    let source = definition.source();
    let mut steps = vec![];
    match source.steps {
        None => steps.push(step(source.ui.iter())),
        Some(Steps::Questions) => questions(&source.ui, &mut steps),
        Some(Steps::Groups) => {
            let together = |a: &Node, b: &Node| !matches!(a, Node::Group { .. }) && !matches!(b, Node::Group { .. });
            steps.extend(source.ui.chunk_by(together).map(|nodes| step(nodes.iter())));
        }
    }
    steps
}

fn questions<'a>(nodes: &'a [Node], steps: &mut Vec<Step<'a>>) {
    for node in nodes {
        match node {
            Node::Group { layout: None, elements, .. } => questions(elements, steps),
            Node::Group { layout: Some(Layout::Matrix), .. } | Node::Control(_) => steps.push(step([node].into_iter())),
        }
    }
}

fn step<'a>(nodes: impl Iterator<Item = &'a Node>) -> Step<'a> {
    let mut step = Step::default();
    for node in nodes {
        step.nodes.push(node);
        collect(node, &mut step.fields);
    }
    step
}

fn collect<'a>(node: &'a Node, fields: &mut Vec<&'a FieldId>) {
    match node {
        Node::Group { elements, .. } => elements.iter().for_each(|element| collect(element, fields)),
        Node::Control(control) => fields.push(&control.field),
    }
}

/// The places of the steps in which a field is shown.
pub fn shown(steps: &[Step<'_>], visible: impl Fn(&FieldId) -> bool) -> Vec<usize> {
    let is_shown = |step: &Step<'_>| step.fields.iter().any(|field| visible(field));
    steps.iter().enumerate().filter(|(_, step)| is_shown(step)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::survey;

    fn names(by: &str) -> Vec<Vec<String>> {
        let definition = survey(|json| json.replacen("\"kind\"", &format!("{by}\"kind\""), 1));
        let names = |step: &Step<'_>| step.fields.iter().map(ToString::to_string).collect();
        steps(&definition).iter().map(names).collect()
    }

    #[test]
    fn all_at_once_by_group_or_by_question() {
        let all = ["score", "why", "speed", "words", "matters", "recommend", "comment"];
        assert_eq!(names(""), [all.to_vec()]);
        assert_eq!(
            names("\"steps\":\"groups\","),
            [vec!["score", "why"], vec!["speed", "words"], vec!["matters", "recommend", "comment"]]
        );
        assert_eq!(
            names("\"steps\":\"questions\","),
            [vec!["score"], vec!["why"], vec!["speed", "words"], vec!["matters"], vec!["recommend"], vec!["comment"]],
            "the group of a matrix is one question, that of others is none"
        );
    }

    #[test]
    fn a_step_without_a_question_is_passed_over() {
        let definition = survey(|json| json.replacen("\"kind\"", "\"steps\":\"questions\",\"kind\"", 1));
        let steps = steps(&definition);
        let shown = shown(&steps, |field| !["why", "speed"].contains(&field.as_str()));
        assert_eq!(shown, [0, 2, 3, 4, 5], "half a matrix is still one");
    }
}
