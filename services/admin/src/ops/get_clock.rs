//! GetClock: the services' time, the world's, and whether the one may be moved.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_alcazar as wire;

use crate::model::{guard, installation};

pub(crate) struct GetClock;

impl Operation for GetClock {
    type Shape = wire::GetClock;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::GET_CLOCK, guard(view, "clock").await?, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let test = installation(call.view()).await?.movable_clock;
        let (now, wall) = (call.now(), call.clock().wall());
        call.answer(wire::GetClockResponse { now: Some(now), wall: Some(wall), test: Some(test) }).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}
