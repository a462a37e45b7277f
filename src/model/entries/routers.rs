//! What does a router of the service's own call? Functions that take a request, kept as values.

use super::{Entry, body_of, point};
use crate::diagnostic::Step;
use crate::flow::{Flow, Offer};
use crate::resolve::Names;

/// Handlers that were handed over as values, where something calls such values with a request.
pub(super) fn find(names: &Names<'_>, flow: &Flow, found: &mut Vec<Entry>) {
    // Those with a route first: of several for one function the first one stays.
    let mut offers: Vec<&Offer> = flow.offers.iter().collect();
    offers.sort_by_key(|offer| offer.route.is_none());
    for offer in offers {
        let text = &names.externals.get(offer.takes).text;
        let Some(fact) =
            names.catalog.takes(text).filter(|_| flow.dispatches.contains(&offer.takes))
        else {
            continue;
        };
        let Some(node) = body_of(names, flow, offer.target) else { continue };
        let route = offer.route.map_or(String::new(), |route| names.text(route).to_string());
        let mut point = point(names, flow, node, fact.kind, &fact.framework, route);
        let at = flow.span(offer.node, offer.at);
        if at != point.at {
            point.registered = Some(Step::new(at, format!("{} is registered here", point.label)));
        }
        let (from, by, start, also) = (Some(offer.node), None, None, Vec::new());
        found.push(Entry {
            node,
            point,
            from,
            by,
            start,
            also,
            shares_self: fact.shares_self,
            idle: false,
        });
    }
}
