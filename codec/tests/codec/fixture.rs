//! Small services, hand-written: one of each family.

use alcazar_core::schema::{
    ErrorShape, Kind, Location, Member, Operation, OperationKind, Pattern, Protocol, Service, Shape,
    Structure, UNIT, XmlNamespace,
};

pub(crate) static STRING: Shape = Shape::new("String", Kind::String);
static INTEGER: Shape = Shape::new("Integer", Kind::Integer).min(1).max(1000);
static LONG: Shape = Shape::new("Long", Kind::Long);
static DOUBLE: Shape = Shape::new("Double", Kind::Double);
static BOOLEAN: Shape = Shape::new("Boolean", Kind::Boolean);
static DATE: Shape = Shape::new("Date", Kind::Timestamp);
static DOCUMENT: Shape = Shape::new("Document", Kind::Document);
static BLOB: Shape = Shape::new("Blob", Kind::Blob);
static KEY_ID: Shape = Shape::new("KeyIdType", Kind::String).min(1).max(2048);
static PLAINTEXT: Shape = Shape::new("PlaintextType", Kind::Blob).min(1).max(4096).sensitive();
static CONTEXT: Shape = Shape::new(
    "EncryptionContextType",
    Kind::Map(Member::new("key", &CONTEXT_KEY), Member::new("value", &STRING)),
);
static CONTEXT_KEY: Shape = Shape::new("EncryptionContextKey", Kind::String);
static ALGORITHM: Shape =
    Shape::new("AlgorithmSpec", Kind::String).one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "SM2PKE"]);
static TAG_PATTERN: Pattern = Pattern::new("[a-zA-Z-]*");
static TAG_KEY: Shape = Shape::new("TagKeyType", Kind::String).min(1).max(8).pattern(&TAG_PATTERN);
static TAG_MEMBERS: [Member; 2] =
    [Member::new("TagKey", &TAG_KEY).required(), Member::new("TagValue", &STRING).required()];
static TAG: Structure = Structure::new("Tag", &TAG_MEMBERS);
static TAG_SHAPE: Shape = Shape::new("Tag", Kind::Structure(&TAG));
static TAGS: Shape = Shape::new("TagList", Kind::List(Member::new("member", &TAG_SHAPE))).max(3);
static TOKENS: Shape = Shape::new("GrantTokenList", Kind::List(Member::new("member", &KEY_ID))).max(10);
static LABELS: Shape =
    Shape::new("Labels", Kind::Map(Member::new("key", &TAG_KEY), Member::new("value", &ALGORITHM)));
static CHOICE_MEMBERS: [Member; 2] = [Member::new("Left", &STRING), Member::new("Right", &INTEGER)];
static CHOICE: Structure = Structure::new("Choice", &CHOICE_MEMBERS).union();
static CHOICE_SHAPE: Shape = Shape::new("Choice", Kind::Structure(&CHOICE));
static NESTED_SHAPE: Shape = Shape::new("Everything", Kind::Structure(&EVERYTHING));
static SECRET: Shape = Shape::new("Secret", Kind::String).min(4).sensitive();
static SECRETS: Shape = Shape::new("Secrets", Kind::List(Member::new("member", &SECRET)));

/// A member of every kind, itself among them.
pub(crate) static EVERYTHING: Structure = Structure::new("Everything", &EVERYTHING_MEMBERS);
static EVERYTHING_MEMBERS: [Member; 16] = [
    Member::new("Text", &STRING),
    Member::new("Number", &INTEGER),
    Member::new("Long", &LONG),
    Member::new("Double", &DOUBLE),
    Member::new("Truth", &BOOLEAN),
    Member::new("Date", &DATE),
    Member::new("Free", &DOCUMENT),
    Member::new("Blob", &BLOB),
    Member::new("Tags", &TAGS),
    Member::new("Labels", &LABELS),
    Member::new("Choice", &CHOICE_SHAPE),
    Member::new("Nested", &NESTED_SHAPE),
    Member::new("Secret", &SECRET),
    Member::new("Secrets", &SECRETS),
    Member::new("Tokens", &TOKENS),
    Member::new("Context", &CONTEXT),
];

static ENCRYPT_MEMBERS: [Member; 5] = [
    Member::new("KeyId", &KEY_ID).required(),
    Member::new("Plaintext", &PLAINTEXT).required(),
    Member::new("EncryptionContext", &CONTEXT),
    Member::new("GrantTokens", &TOKENS),
    Member::new("EncryptionAlgorithm", &ALGORITHM),
];
static ENCRYPT_INPUT: Structure = Structure::new("EncryptRequest", &ENCRYPT_MEMBERS);
static ENCRYPTED_MEMBERS: [Member; 3] = [
    Member::new("CiphertextBlob", &BLOB),
    Member::new("KeyId", &KEY_ID),
    Member::new("EncryptionAlgorithm", &ALGORITHM),
];
static ENCRYPT_OUTPUT: Structure = Structure::new("EncryptResponse", &ENCRYPTED_MEMBERS);

/// Like KMS.
pub(crate) static JSON: Service = service("keys", &[Protocol::AwsJson11, Protocol::RpcV2Cbor], "KeyService");
/// Like IAM.
pub(crate) static QUERY: Service = Service {
    xml_namespace: Some(XmlNamespace { uri: "https://people.example.com/doc/", prefix: None }),
    global: true,
    ..service("people", &[Protocol::AwsQuery], "")
};
/// Like S3.
pub(crate) static REST: Service = service("objects", &[Protocol::RestXml], "");
/// Like Lambda.
pub(crate) static FUNCTIONS: Service = service("functions", &[Protocol::RestJson], "");
/// Like SQS: two protocols, and a query past.
pub(crate) static QUEUES: Service = Service {
    query_compatible: true,
    ..service("queues", &[Protocol::AwsJson10, Protocol::AwsQuery], "Queues")
};
/// Like EC2.
pub(crate) static MACHINES: Service = Service { id: "ec2", ..service("machines", &[Protocol::Ec2Query], "") };

const fn service(name: &'static str, protocols: &'static [Protocol], target_prefix: &'static str) -> Service {
    Service {
        id: name,
        service_id: name,
        signing_name: name,
        endpoint_prefix: name,
        principal: "tests.amazonaws.com",
        api_version: "2014-11-01",
        target_prefix,
        protocols,
        query_compatible: false,
        xml_namespace: None,
        global: false,
    }
}

pub(crate) static ENCRYPT: Operation =
    Operation { input: &ENCRYPT_INPUT, output: &ENCRYPT_OUTPUT, ..operation(&JSON, "Encrypt", "POST", "/") };
pub(crate) static DO_JSON: Operation =
    Operation { input: &EVERYTHING, output: &EVERYTHING, ..operation(&JSON, "Do", "POST", "/") };
pub(crate) static DO_QUERY: Operation =
    Operation { input: &EVERYTHING, output: &EVERYTHING, ..operation(&QUERY, "Do", "POST", "/") };
pub(crate) static DELETE: Operation = operation(&QUERY, "Delete", "POST", "/");
pub(crate) static DO_EC2: Operation =
    Operation { input: &EVERYTHING, output: &EVERYTHING, ..operation(&MACHINES, "Do", "POST", "/") };
pub(crate) static SEND: Operation =
    Operation { input: &EVERYTHING, output: &EVERYTHING, ..operation(&QUEUES, "Send", "POST", "/") };
pub(crate) static DO_XML: Operation =
    Operation { input: &EVERYTHING, output: &EVERYTHING, ..operation(&REST, "Do", "POST", "/do") };
pub(crate) static GET_OBJECT: Operation =
    Operation { input: &OBJECT, ..operation(&REST, "GetObject", "GET", "/{Bucket}/{Key+}") };
pub(crate) static GET_TAGGING: Operation =
    Operation { input: &OBJECT, ..operation(&REST, "GetObjectTagging", "GET", "/{Bucket}/{Key+}?tagging") };
pub(crate) static LIST_OBJECTS: Operation = operation(&REST, "ListObjects", "GET", "/{Bucket}");
pub(crate) static LIST_OBJECTS_V2: Operation =
    operation(&REST, "ListObjectsV2", "GET", "/{Bucket}?list-type=2");
pub(crate) static LIST_BUCKETS: Operation = operation(&REST, "ListBuckets", "GET", "/");
pub(crate) static DO_REST: Operation = Operation {
    input: &EVERYTHING,
    output: &EVERYTHING,
    ..operation(&FUNCTIONS, "Do", "POST", "/functions/{Text}/do")
};

static OBJECT_MEMBERS: [Member; 3] = [
    Member::new("Bucket", &STRING).at(Location::Uri).required(),
    Member::new("Key", &STRING).at(Location::Uri).required(),
    Member::new("Part", &INTEGER).at(Location::QueryString).named("partNumber"),
];
static OBJECT: Structure = Structure::new("GetObjectRequest", &OBJECT_MEMBERS);

const fn operation(
    service: &'static Service,
    name: &'static str,
    method: &'static str,
    uri: &'static str,
) -> Operation {
    Operation {
        service,
        name,
        method,
        uri,
        status: 200,
        input: &UNIT,
        output: &UNIT,
        result_wrapper: None,
        errors: &[],
        kind: OperationKind::Read,
        unsigned: false,
    }
}

static LIMIT_MEMBERS: [Member; 1] = [Member::new("Most", &INTEGER)];
static LIMIT_STRUCTURE: Structure = Structure::new("LimitExceeded", &LIMIT_MEMBERS);
/// An error with a member beside its message.
pub(crate) static LIMIT_EXCEEDED: ErrorShape = ErrorShape {
    name: "LimitExceededException",
    code: "LimitExceeded",
    status: 409,
    sender: true,
    members: &LIMIT_STRUCTURE,
};
static SPELT_MEMBERS: [Member; 1] = [Member::new("Message", &STRING)];
static SPELT_STRUCTURE: Structure = Structure::new("Spelt", &SPELT_MEMBERS);
/// An error that spells its message with a capital.
pub(crate) static SPELT: ErrorShape = ErrorShape {
    name: "SpeltException",
    code: "SpeltException",
    status: 400,
    sender: true,
    members: &SPELT_STRUCTURE,
};
