use super::sequences::order;
use super::*;

#[test]
fn the_order_is_total() {
    let values = [
        Value::None,
        Value::Bool(true),
        Value::Int(2),
        Value::Float(1.5),
        Value::Str("a".into()),
        Value::List(vec![Value::Int(1)]),
        Value::List(vec![]),
        Value::Tuple(vec![]),
    ];
    for a in &values {
        for b in &values {
            assert_eq!(order(a, b), order(b, a).reverse(), "{a:?} {b:?}");
            for c in values
                .iter()
                .filter(|c| order(b, c).is_le())
                .filter(|_| order(a, b).is_le())
            {
                assert!(order(a, c).is_le(), "{a:?} {b:?} {c:?}");
            }
        }
    }
}
