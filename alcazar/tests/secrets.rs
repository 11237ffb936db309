//! A secret's value goes to those who may read it, and nowhere else: through every operation of Secrets Manager and Parameter Store, into
//! every answer, record, row, log and core.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

use alcazar_core::Region;
use alcazar_corridor::{Entry, ServiceEntry};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Home, Key, Program};

/// What is looked for.
const MARKER: &str = "Qx7-vurzelbrunft-Kl0ppen-41f9c2-zwiebelfisch";

/// The operations that answer values.
const READS: [&str; 6] = [
    "BatchGetSecretValue",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "GetSecretValue",
];

/// A caller, and what was answered.
struct Caller {
    program: Program,
    key: Key,
    /// Which operations have told the marker.
    told: BTreeSet<String>,
}

impl Caller {
    fn send(&mut self, region: &str, service: &str, operation: &str, body: &[u8]) -> Answer {
        let prefix = if service == "ssm" { "AmazonSSM" } else { service };
        let target = format!("{prefix}.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let answer = self.program.ask(&self.program.signed_in(region, &self.key, service, &headers, body));
        if holds(answer.body.as_bytes()) || holds(answer.head.as_bytes()) {
            assert!(
                READS.contains(&operation) && answer.status == 200,
                "{operation} tells a value: {answer:?}"
            );
            self.told.insert(operation.to_owned());
        }
        answer
    }

    fn call(&mut self, region: &str, service: &str, operation: &str, input: &Value) -> Answer {
        self.send(region, service, operation, input.to_string().as_bytes())
    }

    /// An operation's example, with the marker wherever it has a value.
    fn example(&mut self, region: &str, entry: &Entry) -> Answer {
        let (example, mut kept) = ((entry.example)(), Map::new());
        for (operation, input, keep) in example.world {
            let (operation, elsewhere) = operation.split_once('@').unwrap_or((operation, region));
            let (service, operation) = operation.split_once(':').unwrap();
            let input = marked(operation, &at(input, region), &kept);
            let answer = self.call(elsewhere, service, operation, &input);
            assert_eq!(answer.status, 200, "{operation} before {}: {answer:?}", entry.operation.name);
            for (name, pointer) in *keep {
                let answer: Value = serde_json::from_str(&answer.body).unwrap();
                kept.insert((*name).to_owned(), answer.pointer(pointer).unwrap().clone());
            }
        }
        let (service, operation) = (entry.operation.service.id, entry.operation.name);
        self.call(region, service, operation, &marked(operation, &at(example.input, region), &kept))
    }
}

/// An example is of the default Region.
fn at(input: &str, region: &str) -> String {
    input.replace(Region::default().name(), region)
}

/// An example's input with the marker in the place of its values; parameters are SecureStrings, and are read decrypted.
fn marked(operation: &str, input: &str, kept: &Map<String, Value>) -> Value {
    let input = kept.iter().fold(input.to_owned(), |input, (name, value)| {
        input.replace(&format!("${{{name}}}"), value.as_str().unwrap_or_default())
    });
    let mut input: Value = serde_json::from_str(&input).unwrap();
    for (member, value) in [("SecretString", json!(MARKER)), ("SecretBinary", json!(STANDARD.encode(MARKER)))]
    {
        if input.get(member).is_some() {
            input[member] = value;
        }
    }
    if operation == "PutParameter" {
        (input["Value"], input["Type"]) = (json!(MARKER), json!("SecureString"));
    }
    if READS.contains(&operation) && operation.starts_with("GetParameter") {
        input["WithDecryption"] = json!(true);
    }
    input
}

/// Whether the marker is there: as it is, or within base64.
fn holds(bytes: &[u8]) -> bool {
    let within = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    within(MARKER.as_bytes()) || (0..3).any(|shift| within(&in_base64(shift)))
}

/// The part of a base64 text that the marker alone determines when it begins at such a byte of three.
fn in_base64(shift: usize) -> Vec<u8> {
    let whole = STANDARD.encode([&b"..."[..shift], MARKER.as_bytes(), b"..."].concat());
    let (from, until) = ((shift * 8).div_ceil(6), (shift + MARKER.len()) * 8 / 6);
    whole.as_bytes()[from..until].to_vec()
}

/// Calls that are refused while they carry the marker.
fn refused() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let long = MARKER.repeat(2000);
    let secret = |operation, input: Value| ("secretsmanager", operation, input.to_string().into_bytes());
    let parameter = |input: Value| ("ssm", "PutParameter", input.to_string().into_bytes());
    vec![
        secret("CreateSecret", json!({"Name": "x", "SecretString": long})),
        secret("CreateSecret", json!({"Name": "x", "SecretString": {"inner": MARKER}})),
        secret("CreateSecret", json!({"Name": "x", "SecretString": [MARKER]})),
        secret("CreateSecret", json!({"Name": "x", "SecretString": MARKER, "ClientRequestToken": "short"})),
        secret("CreateSecret", json!({"Name": "no name", "SecretString": MARKER})),
        secret("CreateSecret", json!({"Name": "x", "SecretString": MARKER, "KmsKeyId": "alias/none"})),
        secret("CreateSecret", json!({"Name": "x", "SecretBinary": MARKER})),
        secret("PutSecretValue", json!({"SecretId": "none", "SecretString": MARKER})),
        secret(
            "PutSecretValue",
            json!({"SecretId": "x", "SecretString": MARKER, "SecretBinary": STANDARD.encode(MARKER)}),
        ),
        secret("UpdateSecret", json!({"SecretId": "none", "SecretString": MARKER})),
        secret("NoSuchOperation", json!({"SecretString": MARKER})),
        ("secretsmanager", "CreateSecret", format!(r#"{{"Name":"x","SecretString":"{MARKER}"#).into_bytes()),
        ("secretsmanager", "CreateSecret", format!(r#"{{"Name":"x","SecretString":{MARKER}}}"#).into_bytes()),
        parameter(json!({"Name": "/x", "Type": "SecureString", "Value": long})),
        parameter(json!({"Name": "/x", "Type": "SecureString", "Value": {"inner": MARKER}})),
        parameter(json!({"Name": "/x", "Type": "Wrong", "Value": MARKER})),
        parameter(json!({"Name": "/x", "Type": "SecureString", "Value": MARKER, "AllowedPattern": "\\d+"})),
        parameter(json!({"Name": "/x", "Type": "SecureString", "Value": MARKER, "KeyId": "alias/none"})),
        parameter(json!({"Name": "/x", "Type": "String", "Value": MARKER, "DataType": "aws:ec2:image"})),
        parameter(json!({"Name": "/x/", "Type": "SecureString", "Value": MARKER})),
    ]
}

/// A rotation that gets as far as its database, which is not there.
fn rotate(caller: &mut Caller, region: &str) {
    let text =
        json!({"engine": "postgres", "host": "127.0.0.1", "port": 1, "username": "app", "password": MARKER});
    let made = json!({"Name": "rotated", "SecretString": text.to_string()});
    let account = caller.call(region, "secretsmanager", "CreateSecret", &made).text("ARN");
    let account = account.split(':').nth(4).unwrap().to_owned();
    let function =
        format!("arn:aws:lambda:{region}:{account}:function:SecretsManagerRDSPostgreSQLRotationSingleUser");
    let input = json!({"SecretId": "rotated", "RotationLambdaARN": function});
    assert_eq!(caller.call(region, "secretsmanager", "RotateSecret", &input).status, 200);
    // Until the rotation has failed, which the event history tells.
    let until = 600;
    for turn in 0..=until {
        assert!(turn < until, "the rotation has not failed");
        let query =
            json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "RotationFailed"}]});
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
        ];
        let (program, key) = (&caller.program, &caller.key);
        let body = query.to_string();
        let found = program.ask(&program.signed_in(region, key, "cloudtrail", &headers, body.as_bytes()));
        assert!(!holds(found.body.as_bytes()), "{found:?}");
        if found.body.contains("rotated-") {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_value_is_in_no_record_no_error_no_log_and_no_file() {
    let home = Home::new();
    let log = home.path().join("log");
    let program = home.start_logged(&log);
    let mut caller = Caller { program, key: home.root(), told: BTreeSet::new() };
    // A Region for each example: they all make the same names.
    let commercial = Region::all().filter(|region| region.partition().name == "aws").map(Region::name);
    let own: Vec<&str> = commercial.filter(|region| !["us-east-1", "eu-west-1"].contains(region)).collect();
    let mut answered = Vec::new();
    for service in [alcazar_secretsmanager::SERVICE, alcazar_ssm::SERVICE] as [ServiceEntry; 2] {
        let mut own = own.iter();
        for entry in service.operations {
            // What is replicated goes here and there.
            let elsewhere = (entry.example)().world.iter().any(|(operation, ..)| operation.contains('@'));
            let region = if elsewhere { "us-east-1" } else { own.next().unwrap() };
            let answer = caller.example(region, entry);
            answered.push((entry.operation.name, answer.status));
        }
    }
    let failed: Vec<_> =
        answered.iter().filter(|(_, status)| *status != 200).map(|(name, _)| *name).collect();
    // Its replica may not be there yet.
    assert!(failed.iter().all(|name| *name == "StopReplicationToReplica"), "{failed:?}");
    for (service, operation, body) in refused() {
        let answer = caller.send("us-east-1", service, operation, &body);
        assert!((400..500).contains(&answer.status), "{operation}: {answer:?}");
    }
    rotate(&mut caller, "us-east-1");
    assert_eq!(
        caller.told.iter().map(String::as_str).collect::<Vec<_>>(),
        READS,
        "what is looked for is there"
    );
    caller.program.terminate();
    assert!(fs::read_to_string(&log).unwrap().contains("stopped"), "the log is a log");
    let mut recorded = 0;
    for file in files(&home, log) {
        let bytes = fs::read(&file).unwrap();
        // Segments are zero-filled ahead.
        let bytes = &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        assert!(!holds(bytes), "{} holds the value", file.display());
        recorded += usize::from(bytes.windows(14).any(|window| window == b"PutSecretValue"));
    }
    assert!(recorded > 0, "the records are among what was searched");
}

/// All files of the data folder, and the log.
fn files(home: &Home, log: PathBuf) -> Vec<PathBuf> {
    let (mut files, mut folders) = (vec![log], vec![home.path().join("data")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    assert!(files.len() > 3, "{files:?}");
    files
}

#[test]
fn a_process_that_dies_leaves_no_core() {
    // As many cores as this process may have, so that the program would leave one.
    let mut limit = getrlimit(Resource::Core);
    limit.current = limit.maximum;
    setrlimit(Resource::Core, limit).unwrap();
    let home = Home::new();
    let mut program = home.start(&[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", program.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    kill_process(Pid::from_child(&program.child), Signal::ABORT).unwrap();
    let ended = program.child.wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(Signal::ABORT.as_raw()), false));
}
