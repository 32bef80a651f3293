//! What is known of the inputs of what a function gives: a function that makes functions shows what it does only when these are called.

use model::{CallKind, Symbol, Target};
use search::{ClassId, ClassShape, Parameter, ParameterKind, Shape, ShapeId, Subject};

/// Arguments of a function of which nothing is known, at most.
const MOST: usize = 3;
/// How likely an argument is what the function that made it takes, beside anything at all.
const LIKE_ITS_MAKER: f64 = 0.3;
/// How likely it is a function.
const FUNCTION: f64 = 0.2;

/// The target that calls what a target gives, and what is known of its inputs: how it is made is searched like the arguments of
/// the target itself. Nothing where the target gives nothing that can be called.
pub fn of_result(target: &Target, subject: &Subject) -> Option<(Target, Subject)> {
    let last = target.qualified_name.rsplit('.').next()?;
    let (make, is_bound) = match target.call {
        CallKind::Function | CallKind::Constructor => (Symbol::new(&target.module, &target.qualified_name), false),
        CallKind::Method => (Symbol::method(last), true),
        CallKind::Property => (Symbol::attribute(last), true),
        CallKind::Returned => (Symbol::method("__call__"), true),
        CallKind::Setter | CallKind::Docstring | CallKind::Module => return None,
    };
    let mut subject = subject.clone();
    let (surroundings, taken): (Vec<Parameter>, Vec<Parameter>) = std::mem::take(&mut subject.parameters)
        .into_iter()
        .partition(|parameter| parameter.kind == ParameterKind::World);
    let anything = subject.add(Shape::Any);
    let function = subject.add(Shape::Callable(anything));
    let mut options = vec![(1.0, anything), (FUNCTION, function)];
    let own = taken
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::Positional);
    options.extend(own.take(MOST).map(|parameter| (LIKE_ITS_MAKER, parameter.shape)));
    let argument = subject.add(Shape::Union(options));
    let mut parameters = Vec::new();
    if is_bound {
        parameters.push(positional("self", subject.receiver?, false));
    }
    parameters.extend(taken);
    let class = ClassId(u32::try_from(subject.classes.len()).ok()?);
    subject.classes.push(ClassShape {
        make,
        parameters,
        attributes: Vec::new(),
        inverse: Vec::new(),
    });
    subject.receiver = Some(subject.add(Shape::Object(class)));
    subject.parameters = (0..MOST).map(|at| positional("", argument, at > 0)).collect();
    subject.parameters.extend(surroundings);
    // Calls of the function itself: what they would give is not known to take anything.
    subject.seeds.clear();
    let target = Target {
        call: CallKind::Returned,
        ..target.clone()
    };
    Some((target, subject))
}

fn positional(name: &str, shape: ShapeId, optional: bool) -> Parameter {
    Parameter {
        name: name.to_owned(),
        kind: ParameterKind::Positional,
        shape,
        optional,
        default: None,
        keys: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::target;
    use super::*;

    #[test]
    fn what_makes_the_function_is_searched_like_its_own_arguments() {
        let mut subject = Subject::default();
        let (text, object) = (subject.add(Shape::Str), subject.add(Shape::Int));
        subject.parameters = vec![positional("name", text, false)];
        subject.receiver = Some(object);
        let (called, of_method) = of_result(&target("Route.matcher", CallKind::Method), &subject).expect("it can be");
        assert_eq!(called.call, CallKind::Returned);
        let Some(Shape::Object(class)) = of_method.receiver.map(|shape| of_method.shape(shape).clone()) else {
            panic!("the function is made by a call");
        };
        let made = &of_method.classes[class.0 as usize];
        assert_eq!(made.make, Symbol::method("matcher"));
        let shapes: Vec<ShapeId> = made.parameters.iter().map(|parameter| parameter.shape).collect();
        assert_eq!(shapes, [object, text]);
        assert_eq!(
            of_method
                .parameters
                .iter()
                .filter(|parameter| !parameter.optional)
                .count(),
            1
        );
        // What that gives can be called in its turn.
        let (_, again) = of_result(&called, &of_method).expect("it can be");
        assert_eq!(again.classes.last().expect("a call").make, Symbol::method("__call__"));
        assert!(of_result(&target("<module>", CallKind::Module), &subject).is_none());
    }
}
