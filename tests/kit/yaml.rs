//! What does a YAML file hold? Scalars stay texts; no anchors, no tags.

use std::vec::IntoIter;

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Reads the first document.
pub(crate) fn read(text: &str) -> Value {
    let events = Parser::new_from_str(text).map(|event| event.expect("it is YAML").0);
    let starts = |event: &Event| matches!(event, Event::StreamStart | Event::DocumentStart(_));
    let events: Vec<Event> = events.filter(|event| !starts(event)).collect();
    value(&mut events.into_iter()).expect("a document")
}

/// The next value; nothing at the end of a collection.
fn value(events: &mut IntoIter<Event>) -> Option<Value> {
    match events.next().expect("the document is whole") {
        Event::Scalar(text, ..) => Some(Value::String(text.into_owned())),
        Event::SequenceStart(..) => {
            Some(Value::Array(std::iter::from_fn(|| value(events)).collect()))
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            while let Some(key) = value(events) {
                let key = key.as_str().expect("a key is a text").to_string();
                let value = value(events).expect("a key has a value");
                assert!(map.insert(key.clone(), value).is_none(), "{key} is there twice");
            }
            Some(Value::Object(map))
        }
        Event::SequenceEnd | Event::MappingEnd => None,
        other => panic!("not used in our files: {other:?}"),
    }
}
