//! What cannot be written. Each abuse stands beside the lawful form that it differs from in one place; the documentation
//! tests prove that the one compiles and the other does not.
//!
//! # An operation, lawfully
//!
//! ```
//! # use alcazar_corridor::*;
//! # use wire_sts as wire;
//! struct GetCallerIdentity;
//!
//! impl Operation for GetCallerIdentity {
//!     type Shape = wire::GetCallerIdentity;
//!     type Target = ();
//!
//!     async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!         Ok(Located::open("told in every denial anyway", ()))
//!     }
//!
//!     async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
//!         call.answer(wire::GetCallerIdentityResponse::default()).await
//!     }
//! #   fn example() -> Example { Example::default() }
//! }
//! ```
//!
//! # Forging a commit
//!
//! [`Committed`](crate::Committed) has no public constructor and no public field.
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! # use wire_sts as wire;
//! struct GetCallerIdentity;
//!
//! impl Operation for GetCallerIdentity {
//!     type Shape = wire::GetCallerIdentity;
//!     type Target = ();
//!
//!     async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!         Ok(Located::open("told in every denial anyway", ()))
//!     }
//!
//!     async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
//!         Ok(Committed { output: wire::GetCallerIdentityResponse::default(), position: Default::default() })
//!     }
//! #   fn example() -> Example { Example::default() }
//! }
//! ```
//!
//! # Answering without a commit
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! # use wire_sts as wire;
//! struct GetCallerIdentity;
//!
//! impl Operation for GetCallerIdentity {
//!     type Shape = wire::GetCallerIdentity;
//!     type Target = ();
//!
//!     async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!         Ok(Located::open("told in every denial anyway", ()))
//!     }
//!
//!     async fn run(call: Call<Self>) -> Result<Output<Self>, Refusal<Self::Shape>> {
//!         Ok(wire::GetCallerIdentityResponse::default())
//!     }
//! #   fn example() -> Example { Example::default() }
//! }
//! ```
//!
//! # Committing twice
//!
//! [`Call::answer`](crate::Call::answer) and [`Call::commit`](crate::Call::commit) consume the call.
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! # use wire_sts as wire;
//! struct GetCallerIdentity;
//!
//! impl Operation for GetCallerIdentity {
//!     type Shape = wire::GetCallerIdentity;
//!     type Target = ();
//!
//!     async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!         Ok(Located::open("told in every denial anyway", ()))
//!     }
//!
//!     async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
//!         call.answer(wire::GetCallerIdentityResponse::default()).await?;
//!         call.answer(wire::GetCallerIdentityResponse::default()).await
//!     }
//! #   fn example() -> Example { Example::default() }
//! }
//! ```
//!
//! # Omitting a condition key
//!
//! The keys of a request are a generated structure with a field for each; it has no default.
//!
//! ```
//! # use alcazar_corridor::*;
//! # use wire_kms as wire;
//! # struct DescribeKey;
//! # impl Operation for DescribeKey {
//! #   type Shape = wire::DescribeKey;
//! #   type Target = ();
//! async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!     let keys = wire::DescribeKeyKeys { request_alias: None };
//!     Ok(Located::new(()).need(wire::actions::DESCRIBE_KEY, Guard::any(view.account()), keys))
//! }
//! #   async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
//! #       call.answer(wire::DescribeKeyResponse::default()).await
//! #   }
//! #   fn example() -> Example { Example::default() }
//! # }
//! ```
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! # use wire_kms as wire;
//! # struct DescribeKey;
//! # impl Operation for DescribeKey {
//! #   type Shape = wire::DescribeKey;
//! #   type Target = ();
//! async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
//!     let keys = wire::DescribeKeyKeys {};
//!     Ok(Located::new(()).need(wire::actions::DESCRIBE_KEY, Guard::any(view.account()), keys))
//! }
//! #   async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
//! #       call.answer(wire::DescribeKeyResponse::default()).await
//! #   }
//! #   fn example() -> Example { Example::default() }
//! # }
//! ```
//!
//! # Answering an error that the model does not declare
//!
//! ```
//! # use alcazar_corridor::Refusal;
//! let refusal: Refusal<wire_kms::DescribeKey> = wire_kms::NotFoundException::new("no such key").into();
//! ```
//!
//! ```compile_fail
//! # use alcazar_corridor::Refusal;
//! let refusal: Refusal<wire_kms::DescribeKey> = wire_kms::DisabledException::new("it is disabled").into();
//! ```
//!
//! # Asking as whoever one likes
//!
//! A job asks as a role that its service names as a constant, with a fixed policy and a name that no other role can have.
//!
//! ```
//! # use alcazar_corridor::*;
//! static FUNCTION: BuiltInRole = BuiltInRole::new("AWSServiceRoleForX", "x.amazonaws.com", "X", "{}");
//!
//! async fn asked(call: &JobCall) {
//!     let _ = call.ask_as_role::<wire_kms::ListKeys>(&FUNCTION, Default::default()).await;
//! }
//! ```
//!
//! A role made of what a reminder says does not live long enough:
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! async fn asked(call: &JobCall) {
//!     let function = BuiltInRole::new(&call.reminder().subject, "x.amazonaws.com", "X", "{}");
//!     let _ = call.ask_as_role::<wire_kms::ListKeys>(&function, Default::default()).await;
//! }
//! ```
//!
//! An account's own role is none that could be asked as:
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! static FUNCTION: BuiltInRole = BuiltInRole::new("Administrator", "x.amazonaws.com", "X", "{}");
//!
//! async fn asked(call: &JobCall) {
//!     let _ = call.ask_as_role::<wire_kms::ListKeys>(&FUNCTION, Default::default()).await;
//! }
//! ```
//!
//! Nor is a caller who has called before:
//!
//! ```compile_fail
//! # use alcazar_corridor::*;
//! async fn asked(call: &JobCall, earlier: &Caller) {
//!     let _ = call.ask_as_role::<wire_kms::ListKeys>(earlier, Default::default()).await;
//! }
//! ```
