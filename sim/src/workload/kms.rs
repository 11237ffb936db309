use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Step, Told, Workload, nothing};
use crate::caller::{ACCOUNT, Caller, READER};
use crate::draw::Draw;
use crate::invariant::Invariant;
use crate::life::Life;

// Only symmetric keys: making RSA keys draws from a generator that no seed rules.
pub(crate) const WORKLOAD: Workload = Workload {
    service: alcazar_kms::SERVICE,
    steps: &[
        Step { operation: "kms:CreateKey", open: false, weight: 3, ask: new_key, learn: key_made },
        Step { operation: "kms:DescribeKey", open: false, weight: 1, ask: some_key, learn: own },
        Step { operation: "kms:Encrypt", open: false, weight: 6, ask: encrypt, learn: encrypted },
        Step { operation: "kms:Decrypt", open: false, weight: 8, ask: decrypt, learn: decrypted },
        Step { operation: "kms:GenerateDataKey", open: false, weight: 3, ask: data_key, learn: encrypted },
        Step { operation: "kms:CreateAlias", open: false, weight: 1, ask: alias, learn: own },
        Step { operation: "kms:TagResource", open: false, weight: 1, ask: tag, learn: own },
        Step { operation: "kms:CreateGrant", open: false, weight: 1, ask: grant, learn: own },
        Step { operation: "kms:EnableKeyRotation", open: false, weight: 2, ask: rotation, learn: own },
        Step { operation: "kms:RotateKeyOnDemand", open: false, weight: 2, ask: some_key, learn: own },
        Step { operation: "kms:DisableKey", open: false, weight: 1, ask: touch, learn: own },
        Step { operation: "kms:EnableKey", open: false, weight: 1, ask: touch, learn: own },
        Step { operation: "kms:ScheduleKeyDeletion", open: false, weight: 1, ask: schedule, learn: own },
        Step { operation: "kms:CancelKeyDeletion", open: false, weight: 1, ask: touch, learn: own },
        Step {
            operation: "kms:ListKeys",
            open: false,
            weight: 1,
            ask: |_, _, _| Some(json!({})),
            learn: nothing,
        },
    ],
    verify: |life| Box::pin(verify(life)),
};

#[derive(Default)]
pub(crate) struct Known {
    keys: Vec<Key>,
    ciphertexts: Vec<Ciphertext>,
}

#[derive(Clone)]
struct Key {
    arn: String,
    account: String,
    /// Nobody who might has asked to disable or delete it.
    untouched: bool,
}

#[derive(Clone)]
struct Ciphertext {
    key: String,
    blob: String,
    plaintext: String,
    context: Value,
}

/// Keys are named by ARN, so that callers of other accounts try them too.
fn some_key(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    draw.of(&known.kms.keys).map(|key| json!({"KeyId": key.arn}))
}

fn new_key(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    Some(json!({"Description": draw.letters(12)}))
}

fn encrypt(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_key(draw, known, caller)?;
    input["Plaintext"] = STANDARD.encode(draw.letters(24)).into();
    input["EncryptionContext"] = json!({"run": draw.letters(6)});
    Some(input)
}

fn data_key(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_key(draw, known, caller)?;
    input["KeySpec"] = "AES_256".into();
    input["EncryptionContext"] = json!({"run": draw.letters(6)});
    Some(input)
}

/// One decryption in eight with a context that is not the ciphertext's.
fn decrypt(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    let ciphertext = draw.of(&known.kms.ciphertexts)?;
    let context = if draw.chance(125) { json!({"run": "another"}) } else { ciphertext.context.clone() };
    Some(json!({"CiphertextBlob": ciphertext.blob, "EncryptionContext": context}))
}

fn alias(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    let key = draw.of(&known.kms.keys)?;
    Some(json!({"AliasName": format!("alias/{}", draw.letters(9)), "TargetKeyId": key.arn}))
}

fn tag(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_key(draw, known, caller)?;
    input["Tags"] = json!([{"TagKey": draw.letters(3), "TagValue": draw.letters(9)}]);
    Some(input)
}

fn grant(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_key(draw, known, caller)?;
    input["GranteePrincipal"] = format!("arn:aws:iam::{ACCOUNT}:user/{READER}").into();
    input["Operations"] = json!(["Encrypt", "Decrypt"]);
    Some(input)
}

fn rotation(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_key(draw, known, caller)?;
    input["RotationPeriodInDays"] = 90.into();
    Some(input)
}

/// A key whose state is to change. What is then not answered may or may not have happened.
fn touch(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let at = draw.below(known.kms.keys.len());
    let key = known.kms.keys.get_mut(at)?;
    key.untouched &= !(caller.might("kms:DisableKey") && caller.account == key.account);
    Some(json!({"KeyId": key.arn}))
}

fn schedule(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = touch(draw, known, caller)?;
    input["PendingWindowInDays"] = 7.into();
    Some(input)
}

fn key_made(life: &Life<'_>, told: &Told<'_>) {
    if told.succeeded() {
        let (arn, account) = (told.answer.text("/KeyMetadata/Arn"), told.caller.account.clone());
        life.state.borrow_mut().known.kms.keys.push(Key { arn, account, untouched: true });
    }
}

/// No key's policy here names another account: whoever has a call on a key answered is of its account.
fn own(life: &Life<'_>, told: &Told<'_>) {
    let key = told.input["KeyId"].as_str().or(told.input["TargetKeyId"].as_str()).unwrap_or_default();
    if told.succeeded() && key.split(':').nth(4) != Some(&told.caller.account) {
        let seen = format!("{} of {} used {key}", told.caller.name, told.caller.account);
        told.step.broke(life, Invariant::NoEffectWithoutAllow, &seen);
    }
}

fn encrypted(life: &Life<'_>, told: &Told<'_>) {
    own(life, told);
    if !told.succeeded() {
        return;
    }
    let given = told.input["Plaintext"].as_str().map(str::to_owned);
    let ciphertext = Ciphertext {
        key: told.answer.text("/KeyId"),
        blob: told.answer.text("/CiphertextBlob"),
        plaintext: given.unwrap_or_else(|| told.answer.text("/Plaintext")),
        context: told.input["EncryptionContext"].clone(),
    };
    let mut state = life.state.borrow_mut();
    state.secrets.add("a plaintext", &STANDARD.decode(&ciphertext.plaintext).expect("base64"));
    state.known.kms.ciphertexts.push(ciphertext);
}

fn decrypted(life: &Life<'_>, told: &Told<'_>) {
    if !told.succeeded() {
        return;
    }
    let blob = &told.input["CiphertextBlob"];
    let known = life.state.borrow().known.kms.ciphertexts.iter().find(|known| *blob == known.blob).cloned();
    let Some(known) = known else { return };
    if known.context != told.input["EncryptionContext"] {
        told.step.broke(life, Invariant::NoEffectWithoutAllow, "a wrong context was decrypted");
    }
    if told.answer.text("/Plaintext") != known.plaintext {
        told.step.broke(life, Invariant::AnsweredSurvives, "another plaintext came back");
    }
    if known.key.split(':').nth(4) != Some(&told.caller.account) {
        told.step.broke(life, Invariant::NoEffectWithoutAllow, "another account decrypted");
    }
}

/// What was encrypted under a key that nobody touched is decrypted, through all rotations; and nothing is decrypted under a key that is
/// gone.
async fn verify(life: &Life<'_>) {
    let (keys, ciphertexts) = {
        let state = life.state.borrow();
        (state.known.kms.keys.clone(), state.known.kms.ciphertexts.clone())
    };
    let broken = |invariant, seen: String| life.state.borrow_mut().violated(invariant, seen);
    for key in keys {
        let root = life.callers.iter().find(|caller| caller.account == key.account);
        let Some(root) = root else { continue };
        let answer = life.call(root, "kms:DescribeKey", false, &json!({"KeyId": key.arn})).await;
        if key.untouched && answer.status != 200 {
            broken(Invariant::AnsweredSurvives, format!("{} is gone: {}", key.arn, answer.body));
        }
        let gone = answer.body.contains("NotFoundException");
        for ciphertext in ciphertexts.iter().filter(|ciphertext| ciphertext.key == key.arn) {
            let input = json!({"CiphertextBlob": ciphertext.blob, "EncryptionContext": ciphertext.context});
            let answer = life.call(root, "kms:Decrypt", false, &input).await;
            let opened = answer.status == 200;
            if gone && opened {
                broken(Invariant::DeletedMaterialIsGone, format!("{} still decrypts", key.arn));
            }
            if (key.untouched && !opened) || (opened && answer.text("/Plaintext") != ciphertext.plaintext) {
                broken(Invariant::AnsweredSurvives, format!("{} does not decrypt: {}", key.arn, answer.body));
            }
        }
    }
}
