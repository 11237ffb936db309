//! ListKeys: what it promises.
//!
//! Source: KMS API reference, `ListKeys`.

use alcazar_core::{Common, NoKeys, Shape};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms as wire;

use crate::model::located;

pub(crate) struct ListKeys;

impl Operation for ListKeys {
    type Shape = wire::ListKeys;
    type Target = ();

    /// Decided on every resource until it says what it touches, and with which condition keys.
    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = || Guard::any(view.account());
        let actions = <Self::Shape as Shape>::ACTIONS.iter();
        Ok(actions.fold(located(()), |located, action| located.need_of(action, any(), NoKeys)))
    }

    async fn run(_: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        Err(Failure::common(Common::NotImplemented, "KMS ListKeys is not implemented.").into())
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}
