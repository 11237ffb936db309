//! GetUsage: what an account had and called in a time, as far as AWS would charge for it: keys, secrets and advanced parameters with the time that
//! they exist, and requests by Region, resource and operation. This calendar month unless another time is given.
//!
//! Everybody who may asks for their own account; the management account for any. A page looks at a bounded number of rows or records, so it may
//! hold little, or the same line as another page: counts add up. Calls are counted from the event history, which forgets after ninety days.

use alcazar_core::{AccountId, Arn, NoKeys, Region, Timestamp};
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCOUNTS;
use alcazar_store::{Attribute, RecordClass, RecordQuery, Scope};
use wire_alcazar as wire;
use wire_alcazar::shapes::Holding;

use crate::model::{Bookmark, Counts, Place, installation, month_of, regions};

pub(crate) struct GetUsage;

/// How many rows a page looks at.
const ROWS: usize = 500;

/// How many records a page looks at, and how many of them are in memory at a time.
const RECORDS: usize = 3000;
const AT_A_TIME: usize = 100;

/// What is asked about.
struct Asked {
    account: AccountId,
    region: Option<Region>,
    from: Timestamp,
    to: Timestamp,
    place: Option<Place>,
}

impl Operation for GetUsage {
    type Shape = wire::GetUsage;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let own = view.account();
        let id = input.account_id.as_deref().unwrap_or(own.as_str());
        let owner = if id == own.as_str() { own } else { installation(view).await?.management_account };
        let partition = view.region().partition().name;
        let arn = Arn::new(partition, "alcazar", "", owner.as_str(), &format!("account/{id}"));
        Ok(Located::new(()).need(wire::actions::GET_USAGE, Guard::new(arn, owner), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let asked = asked(&call).await?;
        let mut answer = wire::GetUsageResponse {
            account_id: Some(asked.account.to_string()),
            from: Some(asked.from),
            to: Some(asked.to),
            holdings: Some(Vec::new()),
            requests: Some(Vec::new()),
            next_token: None,
        };
        let next = if asked.place.as_ref().is_some_and(Place::is_called) {
            let (counts, next) = called(&call, &asked).await?;
            answer.requests = Some(counts.told());
            next
        } else {
            let (holdings, next) = held(&call, &asked).await?;
            answer.holdings = Some(holdings);
            next
        };
        if let Some(place) = next {
            let bookmark = Bookmark { from: asked.from, to: asked.to, place };
            answer.next_token = Some(call.page_token(&filters(call.input()), &bookmark.key())?);
        }
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

/// What the next page's call must repeat.
fn filters(input: &wire::GetUsageRequest) -> String {
    let time = |time: Option<Timestamp>| time.map(Timestamp::millis);
    format!("{:?}/{:?}/{:?}/{:?}", input.account_id, input.region, time(input.from), time(input.to))
}

async fn asked(call: &Call<GetUsage>) -> Result<Asked, Refusal<wire::GetUsage>> {
    let input = call.input();
    let account = match &input.account_id {
        None => call.account(),
        Some(id) => {
            let missing =
                || wire::AccountNotFoundException::new("There is no such account in this installation.");
            let id = id.parse().map_err(|_| missing())?;
            call.view().get(&ACCOUNTS, Scope::Installation, &id).await?.ok_or_else(missing)?.id
        }
    };
    let invalid = |message: &str| wire::ValidationException::new(message);
    let region = match &input.region {
        None => None,
        Some(name) => Some(
            Region::named(name).ok_or_else(|| invalid("There is no such Region in this installation."))?,
        ),
    };
    if let Some(token) = &input.next_token {
        let bookmark = call.page_after(&filters(input), token).and_then(|key| Bookmark::read(&key));
        let Bookmark { from, to, place } = bookmark.ok_or_else(|| invalid("The NextToken is invalid."))?;
        return Ok(Asked { account, region, from, to, place: Some(place) });
    }
    let to = input.to.unwrap_or(call.now()).min(call.now());
    let from = input.from.unwrap_or_else(|| month_of(to));
    if from > to {
        return Err(invalid("From must not be after To, nor in the future.").into());
    }
    Ok(Asked { account, region, from, to, place: None })
}

/// What is held, from the place on, and where it goes on.
async fn held(
    call: &Call<GetUsage>,
    asked: &Asked,
) -> Result<(Vec<Holding>, Option<Place>), Refusal<wire::GetUsage>> {
    let mut place = asked.place.clone();
    let (mut holdings, mut left) = (Vec::new(), ROWS);
    for (service, entry) in call.billed() {
        for region in regions(asked.region) {
            let after = match &place {
                Some(Place::Held { service: at, region: within, after }) => {
                    if at != service.id || within != region.name() {
                        continue;
                    }
                    Some(after.clone())
                }
                _ => None,
            };
            place = None;
            let scope = Scope::Region(asked.account, region);
            let rows = entry.page(call.view(), scope, after.as_ref(), left).await?;
            left = left.saturating_sub(rows.len());
            let last = rows.last().map(|(row, _)| row.clone());
            let of_region = rows.into_iter().flat_map(|(_, held)| held);
            holdings.extend(of_region.filter(|held| asked.meets(held)).map(|held| told(held, region)));
            if let (0, Some(after)) = (left, last) {
                let (service, region) = (service.id.to_owned(), region.name().to_owned());
                return Ok((holdings, Some(Place::Held { service, region, after })));
            }
        }
    }
    let first = call.billed().next();
    let next = first.map(|(service, _)| Place::Called { service: service.id.to_owned(), after: None });
    Ok((holdings, next))
}

impl Asked {
    /// Whether a part of it lies in the time asked for. AWS managed keys do always: what their requests cost goes by their spec; so do
    /// keys that wait for their deletion.
    fn meets(&self, held: &alcazar_corridor::Holding) -> bool {
        held.since <= self.to && (held.spec.is_some() || held.until.is_none_or(|until| until >= self.from))
    }
}

fn told(held: alcazar_corridor::Holding, region: Region) -> Holding {
    Holding {
        region: Some(region.name().to_owned()),
        arn: Some(held.arn.to_string()),
        kind: Some(held.kind.to_owned()),
        spec: held.spec,
        since: Some(held.since),
        until: held.until,
    }
}

/// What was called, from the place on, and where it goes on.
async fn called(
    call: &Call<GetUsage>,
    asked: &Asked,
) -> Result<(Counts, Option<Place>), Refusal<wire::GetUsage>> {
    let mut counts = Counts::default();
    let Some(Place::Called { service: at, after }) = &asked.place else { return Ok((counts, None)) };
    let mut services = call.billed().map(|(service, _)| service).skip_while(|service| service.id != at);
    let Some(service) = services.next() else { return Ok((counts, None)) };
    let mut query = RecordQuery {
        class: RecordClass::Management,
        account: asked.account,
        region: asked.region,
        from: Some(asked.from),
        to: Some(asked.to),
        attribute: Some((Attribute::EventSource, service.principal.into())),
        after: *after,
        limit: AT_A_TIME,
    };
    for _ in 0..RECORDS / AT_A_TIME {
        let page = call.view().records(&query).await?;
        for (place, record) in &page.records {
            counts.count(asked.account, record);
            query.after = Some(*place);
        }
        if !page.more {
            let next = services.next();
            return Ok((counts, next.map(|next| Place::Called { service: next.id.to_owned(), after: None })));
        }
    }
    Ok((counts, Some(Place::Called { service: service.id.to_owned(), after: query.after })))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    async fn refusal(input: &str) -> (u16, String, String) {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("alcazar:GetUsage", input).await;
        (answer.status, answer.text("/__type"), answer.text("/message"))
    }

    #[tokio::test]
    async fn what_is_not_there_is_refused() {
        let said = |kind: &str, message: &str| (400, kind.to_owned(), message.to_owned());
        assert_eq!(
            refusal(r#"{"AccountId": "000000000000"}"#).await,
            said("AccountNotFoundException", "There is no such account in this installation.")
        );
        assert_eq!(
            refusal(r#"{"Region": "moon-1"}"#).await,
            said("ValidationException", "There is no such Region in this installation.")
        );
        assert_eq!(
            refusal(r#"{"From": 1795348801}"#).await,
            said("ValidationException", "From must not be after To, nor in the future.")
        );
        assert_eq!(
            refusal(r#"{"NextToken": "x"}"#).await,
            said("ValidationException", "The NextToken is invalid.")
        );
    }

    #[tokio::test]
    async fn an_installation_that_charges_for_nothing_tells_so_in_one_page() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("alcazar:GetUsage", "{}").await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "AccountId": "111122223333",
          "From": 1793491200,
          "Holdings": [],
          "Requests": [],
          "To": 1795348800
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7c76-94ec-fd7b0b623b80",
          "eventName": "GetUsage",
          "eventSource": "alcazar.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": null,
          "responseElements": null,
          "sourceIPAddress": "203.0.113.7",
          "userAgent": "test",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
    }
}
