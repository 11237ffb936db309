//! The servers that are measured: the floor, the floor with a log, and the program with an empty store, an IAM user and a key.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::load::once;
use crate::process::Server;
use crate::request::{Call, Key};
use crate::vault;

/// A server, where it is, and who calls it.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) address: String,
    pub(crate) key: Key,
}

/// What the program's calls are made on.
pub(crate) struct Made {
    pub(crate) key_arn: String,
    pub(crate) ciphertext: String,
    pub(crate) rsa: String,
    pub(crate) p256: String,
    /// Who may read the secret and the parameter.
    pub(crate) keeper: Key,
}

/// Starts the floor, with its log when a file is given.
pub(crate) fn floor(executable: &Path, log: Option<&Path>) -> Outcome<Running> {
    let mut command = Command::new(executable);
    if let Some(log) = log {
        command.arg("--log").arg(log);
    }
    let mut server = Server::start(command.stdout(Stdio::piped()))?;
    let out = server.child().stdout.take().ok_or("the floor has no output")?;
    let mut address = String::new();
    BufReader::new(out).read_line(&mut address)?;
    let key =
        Key { id: "AKIAFLOORFLOORFLOOR0".into(), secret: "floorSecretAccessKey/floorSecretKEY00000".into() };
    Ok(Running { server, address: address.trim().to_owned(), key })
}

/// Starts the program on that folder and waits until it answers a signed call; tells how long that took.
pub(crate) fn alcazar(executable: &Path, folder: &Path) -> Outcome<(Running, Duration)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let root =
        Key { id: "AKIAROOTOFBENCHMARKS".into(), secret: "rootSecretOfBenchmarks/rootSecretKEY0000".into() };
    let mut command = Command::new(executable);
    command
        .args(["serve", "--listen", &address, "--metrics", "off", "--log-level", "error", "--data"])
        .arg(folder.join("data"))
        .arg("--seal")
        .arg(format!("file:{}", folder.join("private").join("seal").display()))
        .env("ALCAZAR_ROOT_ACCESS_KEY_ID", &root.id)
        .env("ALCAZAR_ROOT_SECRET_ACCESS_KEY", &root.secret)
        .env("ALCAZAR_ACCOUNT_ID", "111122223333");
    let begun = Instant::now();
    let server = Server::start(&mut command)?;
    let hello = identity();
    let request = hello.signed(&root, &address);
    while let Err(error) = once(&address, &request) {
        if begun.elapsed() > Duration::from_secs(300) {
            return Err(format!("the program does not answer: {error}").into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok((Running { server, address, key: root }, begun.elapsed()))
}

/// Makes a user who may do these things, and an access key of his.
pub(crate) fn caller(running: &Running, name: &str, actions: &[&str]) -> Outcome<Key> {
    let iam = |parameters: &str| {
        let call = Call::query("iam", &format!("Version=2010-05-08&{parameters}"));
        once(&running.address, &call.signed(&running.key, &running.address))
    };
    iam(&format!("Action=CreateUser&UserName={name}"))?;
    let actions = actions.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(",");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
    );
    let policy: String = policy.bytes().map(|byte| format!("%{byte:02X}")).collect();
    iam(&format!("Action=PutUserPolicy&UserName={name}&PolicyName=own&PolicyDocument={policy}"))?;
    let made = iam(&format!("Action=CreateAccessKey&UserName={name}"))?;
    let element = |name: &str| {
        let from = made.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        from.and_then(|rest| rest.split_once("</")).map(|(value, _)| value.replace("&amp;", "&"))
    };
    Ok(Key {
        id: element("AccessKeyId").ok_or("no access key")?,
        secret: element("SecretAccessKey").ok_or("no secret")?,
    })
}

/// Makes a user with a policy of its own, who makes all calls from then on, and a key with a ciphertext; and another user's secret and
/// parameter.
pub(crate) fn furnish(running: &mut Running) -> Outcome<Made> {
    let keeper = caller(running, "keeper", &["kms:*", "secretsmanager:*", "ssm:*"])?;
    running.key = caller(running, "bench", &["kms:*"])?;
    for made in [vault::create_secret(0), vault::put_parameter(0)] {
        once(&running.address, &made.signed(&keeper, &running.address))?;
    }
    let call =
        |running: &Running, call: &Call| once(&running.address, &call.signed(&running.key, &running.address));
    let created = call(running, &create_key())?;
    let key_arn = text(&created, "/KeyMetadata/Arn")?;
    let encrypted = call(running, &encrypt(&key_arn, 1024))?;
    let signing = |spec: &str| {
        let body = format!(r#"{{"KeySpec":"{spec}","KeyUsage":"SIGN_VERIFY"}}"#);
        text(&call(running, &Call::kms("TrentService.CreateKey", body))?, "/KeyMetadata/Arn")
    };
    let (rsa, p256) = (signing("RSA_2048")?, signing("ECC_NIST_P256")?);
    Ok(Made { ciphertext: text(&encrypted, "/CiphertextBlob")?, key_arn, rsa, p256, keeper })
}

pub(crate) fn text(answer: &str, pointer: &str) -> Outcome<String> {
    let answer: Value = serde_json::from_str(answer)?;
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer} in {answer}"))?.to_owned())
}

pub(crate) fn identity() -> Call {
    Call::query("sts", "Action=GetCallerIdentity&Version=2011-06-15")
}

pub(crate) fn create_key() -> Call {
    Call::kms("TrentService.CreateKey", "{}".to_owned())
}

pub(crate) fn describe_key(key: &str) -> Call {
    Call::kms("TrentService.DescribeKey", format!(r#"{{"KeyId":"{key}"}}"#))
}

/// Signs 1 KiB.
pub(crate) fn sign(key: &str, algorithm: &str) -> Call {
    let message = base64(1024);
    let body = format!(
        r#"{{"KeyId":"{key}","Message":"{message}","SigningAlgorithm":"{algorithm}","MessageType":"RAW"}}"#
    );
    Call::kms("TrentService.Sign", body)
}

/// So many bytes in base64.
pub(crate) fn base64(length: usize) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(vec![b'p'; length])
}

/// Encrypts so many bytes under a context of two pairs.
pub(crate) fn encrypt(key: &str, length: usize) -> Call {
    let plaintext = base64(length);
    let body = format!(r#"{{"KeyId":"{key}","Plaintext":"{plaintext}","EncryptionContext":{CONTEXT}}}"#);
    Call::kms("TrentService.Encrypt", body)
}

pub(crate) fn decrypt(ciphertext: &str) -> Call {
    let body = format!(r#"{{"CiphertextBlob":"{ciphertext}","EncryptionContext":{CONTEXT}}}"#);
    Call::kms("TrentService.Decrypt", body)
}

pub(crate) fn data_key(key: &str) -> Call {
    let body = format!(r#"{{"KeyId":"{key}","NumberOfBytes":1024,"EncryptionContext":{CONTEXT}}}"#);
    Call::kms("TrentService.GenerateDataKey", body)
}

const CONTEXT: &str = r#"{"tenant":"blue","purpose":"measurement"}"#;
