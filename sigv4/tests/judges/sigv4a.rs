//! SigV4A, signed by awscrt; how the file is made: `tests/data/PROVENANCE.md`.

use alcazar_sigv4::{
    Algorithm, Dialect, Endpoint, Family, PayloadHash, Presented, SignatureError, SigningKey, sha256, verify,
};
use serde_json::Value;

use crate::world::{ACCESS_KEY_ID, SECRET, Sent, TIME, time};

fn vectors() -> Vec<(Value, Sent)> {
    let file: Value = serde_json::from_str(include_str!("../data/sigv4a.json")).unwrap();
    assert_eq!((&file["access_key_id"], &file["time"]), (&ACCESS_KEY_ID.into(), &TIME.into()));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sent = |vector: &Value| Sent {
        method: text(&file["method"]),
        path: text(&vector["path"]),
        query: text(&vector["query"]),
        headers: vector["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| (text(&h[0]), text(&h[1]).into()))
            .collect(),
        body: text(&file["body"]).into(),
    };
    file["vectors"].as_array().unwrap().iter().map(|vector| (vector.clone(), sent(vector))).collect()
}

fn judged(sent: &Sent, service: &str, region: &str, secret: &str) -> Result<(), SignatureError> {
    sent.with_request(|request| {
        let presented = Presented::read(request)?;
        assert_eq!(presented.algorithm(), Algorithm::Ecdsa);
        assert_eq!(presented.scope().region, "");
        let dialect = Dialect::of(service, Family::Json);
        let checked =
            presented.check(request, &Endpoint { service, region: Some(region), dialect, now: time() })?;
        let key = SigningKey::of(&presented, secret);
        let body = match service {
            "s3" => PayloadHash::AsDeclared,
            _ => PayloadHash::Sha256(sha256(&sent.body)),
        };
        verify(request, &checked, &key, body).map(|_| ())
    })
}

#[test]
fn every_request_is_believed_in_its_regions_and_nowhere_else() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 24);
    for (vector, sent) in vectors {
        let service = vector["service"].as_str().unwrap();
        let (good, bad) = match vector["region_set"].as_str().unwrap() {
            "*" => (vec!["us-east-1", "mars-1"], vec![]),
            "us-east-1" => (vec!["us-east-1"], vec!["us-east-2", "us-east-10"]),
            "eu-*, us-east-1" => (vec!["eu-west-3", "us-east-1"], vec!["us-west-1"]),
            _ => (vec!["us-west-2"], vec!["us-east-1", "*"]),
        };
        for region in good {
            assert_eq!(judged(&sent, service, region, SECRET), Ok(()), "{vector}");
        }
        for region in bad {
            let refused = judged(&sent, service, region, SECRET);
            assert!(matches!(refused, Err(SignatureError::Scope(..))), "{vector}");
        }
    }
}

#[test]
fn another_secret_path_or_signature_is_refused() {
    for (vector, sent) in vectors() {
        let service = vector["service"].as_str().unwrap();
        let refused = |sent: &Sent, secret: &str| judged(sent, service, "us-west-2", secret);
        if judged(&sent, service, "us-west-2", SECRET).is_err() {
            continue;
        }
        assert_eq!(refused(&sent, "another"), Err(SignatureError::Mismatch));
        assert_eq!(
            refused(&Sent { path: "/other".into(), ..sent.clone() }, SECRET),
            Err(SignatureError::Mismatch)
        );
        // The key of the other algorithm has nothing to say.
        sent.with_request(|request| {
            let presented = Presented::read(request).unwrap();
            let dialect = Dialect::of(service, Family::Json);
            let endpoint = Endpoint { service, region: None, dialect, now: time() };
            let checked = presented.check(request, &endpoint).unwrap();
            let key = SigningKey::derive(SECRET, presented.scope());
            let body = PayloadHash::Sha256(sha256(&sent.body));
            assert_eq!(verify(request, &checked, &key, body).err(), Some(SignatureError::Mismatch));
        });
    }
}
