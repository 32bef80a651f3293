use std::collections::BTreeSet;

use model::{Input, Symbol};

use super::*;
use crate::atlas::Atlas;
use crate::graph::is_sound;
use crate::instances::Instances;
use crate::knowledge::Limits;
use crate::shape::{ClassId, ClassShape, Parameter, Subject};
use crate::technique::Switches;
use crate::tokens::Dictionary;

fn knowledge(subject: &Subject) -> Knowledge {
    let switches = Switches::without(&BTreeSet::new());
    Knowledge {
        atlas: Atlas::new(subject, switches),
        dictionary: Dictionary::new(subject),
        bandit: Bandit::default(),
        instances: Instances::default(),
        limits: Limits::WIDE,
        switches,
        openness: 0,
        reach: 6,
        widening: 0,
    }
}

fn inputs(subject: &Subject, count: usize) -> Vec<Input> {
    let know = knowledge(subject);
    let mut scratch = Scratch::new(5, know.atlas.len());
    (0..count)
        .map(|_| Maker::new(&know, &mut scratch).draft().assemble(&know.atlas))
        .collect()
}

fn parameter(name: &str, shape: ShapeId) -> Parameter {
    let kind = ParameterKind::Positional;
    Parameter {
        name: name.into(),
        kind,
        shape,
        default: None,
        optional: false,
        keys: vec![],
    }
}

fn linked_list() -> Subject {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let object = subject.add(Shape::Object(ClassId(0)));
    let none = subject.add(Shape::None);
    let link = subject.add(Shape::Union(vec![(1.0, object), (1.0, none)]));
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Node"),
        parameters: vec![parameter("value", int)],
        attributes: vec![("next".into(), link), ("prev".into(), link)],
        inverse: vec![("next".into(), "prev".into())],
    });
    subject.parameters = vec![parameter("start", object), parameter("goal", object)];
    subject
}

#[test]
fn two_parameters_share_one_graph() {
    let inputs = inputs(&linked_list(), 500);
    assert!(inputs.iter().all(is_sound));
    let apart = |input: &&Input| input.args[0] != input.args[1] && input.nodes.len() > 1;
    assert!(inputs.iter().filter(apart).count() > 50);
    let same = |input: &&Input| input.args[0] == input.args[1];
    assert!(inputs.iter().filter(same).count() > 50);
}

#[test]
fn inverse_links_mostly_agree() {
    let inputs = inputs(&linked_list(), 500);
    let link = |input: &Input, index: u32, name: &str| {
        input.nodes[index as usize]
            .links
            .iter()
            .find(|(link, _)| link == name)
            .map(|(_, value)| value.clone())
    };
    let (mut agree, mut all) = (0, 0);
    for input in &inputs {
        for index in 0..input.nodes.len() as u32 {
            if let Some(Value::Node(next)) = link(input, index, "next") {
                all += 1;
                agree += usize::from(link(input, next, "prev") == Some(Value::Node(index)));
            }
        }
    }
    assert!(agree * 3 > all * 2, "{agree} of {all}");
}

#[test]
fn types_are_consistent_within_an_input() {
    let mut subject = Subject::default();
    let [int, text] = [Shape::Int, Shape::Str].map(|shape| subject.add(shape));
    let either = subject.add(Shape::Union(vec![(1.0, int), (1.0, text)]));
    let list = subject.add(Shape::List(either));
    subject.parameters.push(parameter("q", list));
    let mixed = |input: &&Input| {
        let children = input.args[0].children();
        children.iter().any(|child| matches!(child, Value::Int(_)))
            && children.iter().any(|child| matches!(child, Value::Str(_)))
    };
    let inputs = inputs(&subject, 1000);
    let count = inputs.iter().filter(mixed).count();
    assert!((10..200).contains(&count), "{count}");
}

#[test]
fn endless_shapes_end() {
    let mut subject = Subject::default();
    let endless = ShapeId(0);
    subject.add(Shape::Tuple(vec![endless, endless]));
    let nested = ShapeId(1);
    subject.add(Shape::List(nested));
    subject.parameters = vec![parameter("q", nested), parameter("r", endless)];
    assert_eq!(inputs(&subject, 20).len(), 20);
}

#[test]
fn what_may_be_left_out_mostly_is() {
    let mut subject = Subject::default();
    let truth = subject.add(Shape::Bool);
    let object = subject.add(Shape::Object(ClassId(0)));
    let optional = |name: String| Parameter {
        default: Some(Value::Bool(false)),
        optional: true,
        ..parameter(&name, truth)
    };
    let parameters: Vec<Parameter> = (0..6).map(|index| optional(format!("p{index}"))).collect();
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Form"),
        parameters: parameters.clone(),
        attributes: vec![],
        inverse: vec![],
    });
    subject.parameters = parameters;
    subject.parameters.insert(0, parameter("form", object));
    let inputs = inputs(&subject, 1000);
    let given = |values: &mut dyn Iterator<Item = &Value>| values.filter(|value| **value == Value::Bool(true)).count();
    let of_call = |input: &Input| given(&mut input.values().skip(1));
    let of_object = |input: &Input| match &input.args[0] {
        Value::Call { args, kwargs, .. } => given(&mut args.iter().chain(kwargs.iter().map(|(_, value)| value))),
        _ => 0,
    };
    for count in [&of_call as &dyn Fn(&Input) -> usize, &of_object] {
        let times = |wanted: usize| inputs.iter().filter(|input| count(input) == wanted).count();
        assert!(times(0) > 150 && times(1) > 350, "{} {}", times(0), times(1));
        assert!(inputs.iter().any(|input| count(input) > 3));
    }
}

#[test]
fn texts_follow_the_formats_of_dates() {
    let mut subject = Subject::default();
    let text = subject.add(Shape::Str);
    subject.parameters = vec![parameter("value", text)];
    let format = Value::Str("%Y:%j".into());
    subject.tokens.push(crate::shape::Token {
        value: format,
        changed: false,
    });
    let is_date = |input: &&Input| matches!(&input.args[0], Value::Str(text) if text.len() == 8 && text.split(':').all(|part| part.parse::<u32>().is_ok()));
    assert!(inputs(&subject, 500).iter().filter(is_date).count() > 20);
}

#[test]
fn texts_near_one_another_are_reached() {
    let mut subject = Subject::default();
    let text = subject.add(Shape::Str);
    subject.parameters = vec![parameter("value", text)];
    let know = knowledge(&subject);
    let mut scratch = Scratch::new(5, know.atlas.len());
    let mut reached = BTreeSet::new();
    for _ in 0..6000 {
        let mut text = "ro_12-34".to_owned();
        Maker::new(&know, &mut scratch).mutate_text(&mut text);
        reached.insert(text);
    }
    for near in ["roro_12-34", "RO_12-34", "or_12-34", "ro-12-34", "3o_12-r4"] {
        assert!(reached.contains(near), "{near}");
    }
}

#[test]
fn objects_are_compared_with_near_copies() {
    let mut subject = Subject::default();
    let text = subject.add(Shape::Str);
    let object = subject.add(Shape::Object(ClassId(0)));
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Name"),
        parameters: vec![parameter("text", text)],
        attributes: vec![],
        inverse: vec![],
    });
    subject.receiver = Some(object);
    subject.parameters = vec![parameter("other", object)];
    let know = knowledge(&subject);
    let mut scratch = Scratch::new(5, know.atlas.len());
    let text = |value: &Value| match value {
        Value::Call { args, .. } => args.first().cloned(),
        _ => None,
    };
    let (mut same, mut near) = (0, 0);
    for _ in 0..1000 {
        let mut maker = Maker::new(&know, &mut scratch);
        let mut draft = maker.draft();
        crate::relate::relate(&mut maker, &mut draft);
        let input = draft.assemble(&know.atlas);
        let texts = (input.receiver.as_ref().and_then(text), text(&input.args[0]));
        if let (Some(Value::Str(one)), Some(Value::Str(other))) = texts {
            same += usize::from(one == other);
            near += usize::from(one != other && one.to_lowercase() == other.to_lowercase());
        }
    }
    assert!(same > 150 && near > 20, "{same} {near}");
}

#[test]
fn methods_are_called_on_an_object_before_the_call_that_counts() {
    let mut subject = Subject::default();
    let number = subject.add(Shape::Int);
    let parameter = Parameter {
        name: "item".into(),
        kind: ParameterKind::Positional,
        shape: number,
        default: None,
        optional: false,
        keys: Vec::new(),
    };
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Stack"),
        parameters: Vec::new(),
        attributes: Vec::new(),
        inverse: Vec::new(),
    });
    subject.methods.push(crate::shape::Method {
        class: ClassId(0),
        name: "push".into(),
        parameters: vec![parameter],
        is_attribute: false,
    });
    subject.receiver = Some(subject.add(Shape::Object(ClassId(0))));
    let lead = |without: BTreeSet<Technique>| {
        let options = crate::Options {
            without,
            ..Default::default()
        };
        let mut search = crate::Search::new(&subject, options);
        let inputs: Vec<model::Input> = (0..8).flat_map(|_| search.next_batch()).collect();
        assert!(inputs.iter().all(crate::graph::is_sound));
        inputs.iter().any(|input| {
            let steps = input.nodes.iter().filter(|node| node.make.is_step());
            input.receiver == Some(Value::Node(0)) && steps.count() >= 2
        })
    };
    assert!(lead(BTreeSet::new()));
    assert!(!lead(BTreeSet::from([Technique::Sequences])));
}

#[test]
fn texts_of_several_lines_are_changed_by_whole_lines() {
    let mut subject = Subject::default();
    subject.tokens.push(crate::shape::Token {
        value: Value::Str("# off".into()),
        changed: true,
    });
    let know = knowledge(&subject);
    let mut scratch = Scratch::new(7, know.atlas.len());
    let text = "import b\nimport a\nx = 1";
    let mut seen = BTreeSet::new();
    for _ in 0..4000 {
        let mut changed = text.to_owned();
        Maker::new(&know, &mut scratch).mutate_text(&mut changed);
        seen.insert(changed);
    }
    for expected in [
        "# off\nimport b\nimport a\nx = 1",
        "import b\nimport a\n# off",
        "import a\nimport b\nx = 1",
        "import b\nx = 1",
        "import b\n    import a\nx = 1",
        "import b\n\nimport a\nx = 1",
    ] {
        assert!(seen.contains(expected), "{expected:?}");
    }
}
