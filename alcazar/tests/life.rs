//! From the first start to the last stop.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::harness::Home;

const IDENTITY: &str = "Action=GetCallerIdentity";

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_an_account_and_the_second_knows_it() {
    let home = Home::new();
    let env = home.run(&["env"]);
    assert!(!env.status.success());
    assert!(text(env.stderr).contains("start `alcazar serve` first"));

    let program = home.start(&[]);
    let first = program.ask(&program.query(&home.root(), "sts", IDENTITY));
    assert_eq!(first.text("Arn"), format!("arn:aws:iam::{}:root", first.text("Account")));
    let env = text(home.run(&["env"]).stdout);
    for expected in [
        format!("export AWS_ENDPOINT_URL=http://{}\n", program.address),
        format!("export AWS_ACCESS_KEY_ID={}\n", home.root().id),
    ] {
        assert!(env.contains(&expected), "{expected} is not in {env}");
    }
    program.terminate();

    let program = home.start(&[]);
    let again = program.ask(&program.query(&home.root(), "sts", IDENTITY));
    assert_eq!(first.text("Account"), again.text("Account"));
    let private = home.path().join("config/alcazar");
    for file in ["seal", "root.toml", "endpoint.toml"] {
        assert_eq!(mode(&private.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&home.path().join("data/alcazar")), 0o700);
}

#[test]
fn no_secret_is_in_the_data_folder_or_the_log() {
    let home = Home::new();
    let mut command =
        home.command(&["serve", "--listen", "127.0.0.1:0", "--log", "json", "--log-level", "trace"]);
    let log = fs::File::create(home.path().join("log")).unwrap();
    let mut child = command.stderr(log).spawn().unwrap();
    let root = home.path().join("config/alcazar/endpoint.toml");
    while !root.exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let created = home.run(&["account", "create", "--name", "second", "--json"]);
    let created: serde_json::Value = serde_json::from_slice(&created.stdout).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let secrets = [home.root().secret, created["SecretAccessKey"].as_str().unwrap().to_owned()];
    let seal = fs::read_to_string(home.path().join("config/alcazar/seal")).unwrap();
    let seal = seal.trim().strip_prefix("alcazar-seal-1 ").unwrap().to_owned();
    let mut files = vec![home.path().join("log")];
    let mut folders = vec![home.path().join("data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    assert!(files.len() > 3);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        // Segments are zero-filled ahead.
        let bytes = &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        for secret in secrets.iter().chain([&seal]) {
            let there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!there, "{} holds a secret", file.display());
        }
    }
    let log = fs::read_to_string(home.path().join("log")).unwrap();
    let whole = log.lines().filter(|line| !line.is_empty());
    assert!(whole.map(serde_json::from_str::<serde_json::Value>).all(|line| line.is_ok()), "{log}");
}

#[test]
fn presets_make_the_root_user_and_are_refused_when_they_differ() {
    let home = Home::new();
    let (id, secret, account) =
        ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "111122223333");
    let presets = [
        ("ALCAZAR_ROOT_ACCESS_KEY_ID", id),
        ("ALCAZAR_ROOT_SECRET_ACCESS_KEY", secret),
        ("ALCAZAR_ACCOUNT_ID", account),
    ];
    let program = home.start_with(&[], &presets);
    let environment = fs::read(format!("/proc/{}/environ", program.child.id())).unwrap();
    assert!(!environment.is_empty());
    assert_eq!(program.ask(&program.query(&home.root(), "sts", IDENTITY)).text("Account"), account);
    program.terminate();
    home.start_with(&[], &presets).terminate();
    home.start(&[]).terminate();
    let other = |name: &'static str, value: &'static str| {
        let mut changed = presets;
        changed.iter_mut().filter(|(preset, _)| *preset == name).for_each(|preset| preset.1 = value);
        home.refused(&[], &changed)
    };
    assert!(other("ALCAZAR_ACCOUNT_ID", "444455556666").contains("ALCAZAR_ACCOUNT_ID differs"));
    assert!(
        other("ALCAZAR_ROOT_ACCESS_KEY_ID", "AKIAI44QH8DHBEXAMPLE")
            .contains("ALCAZAR_ROOT_ACCESS_KEY_ID differs")
    );
    let told = other("ALCAZAR_ROOT_SECRET_ACCESS_KEY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");
    assert!(told.contains("ALCAZAR_ROOT_SECRET_ACCESS_KEY differs") && !told.contains("je7M"), "{told}");
    let half = home.refused(&[], &presets[..1]);
    assert!(half.contains("belong together"), "{half}");
}

#[test]
fn a_movable_clock_is_for_life() {
    let home = Home::new();
    let program = home.start(&["--test-clock"]);
    let moved = home.run(&["clock", "advance", "400d"]);
    assert!(moved.status.success(), "{}", text(moved.stderr));
    // The world's time, by which signatures are judged, has not moved.
    assert_eq!(program.ask(&program.query(&home.root(), "sts", IDENTITY)).status, 200);
    program.kill();
    assert!(home.refused(&[], &[]).contains("created with --test-clock"));
    let program = home.start(&["--test-clock"]);
    let clock = program.ask(&program.json(&home.root(), "Alcazar_20261101.GetClock", b"{}"));
    let clock: serde_json::Value = serde_json::from_str(&clock.body).unwrap();
    let ahead = clock["Now"].as_f64().unwrap() - clock["Wall"].as_f64().unwrap();
    assert!((ahead - 400.0 * 86_400.0).abs() < 1.0, "{clock}");
    assert!(text(home.run(&["clock"]).stdout).contains("it can be moved"));

    let other = Home::new();
    other.start(&[]).terminate();
    assert!(other.refused(&["--test-clock"], &[]).contains("was not created with --test-clock"));
    let program = other.start(&[]);
    let refused = text(other.run(&["clock", "advance", "1d"]).stderr);
    assert!(refused.contains("ClockNotMovableException"), "{refused}");
    program.terminate();
}

#[test]
fn another_seal_does_not_open_the_store() {
    let home = Home::new();
    let passphrase = [("ALCAZAR_SEAL_PASSPHRASE", "correct horse battery staple")];
    home.start_with(&["--seal", "passphrase"], &passphrase).terminate();
    let wrong = home.refused(&["--seal", "passphrase"], &[("ALCAZAR_SEAL_PASSPHRASE", "another passphrase")]);
    assert!(wrong.contains("does not open this store") && !wrong.contains("another passphrase"), "{wrong}");
    assert!(home.refused(&[], &[]).contains("--seal passphrase"));
    let program = home.start_with(&["--seal", "passphrase"], &passphrase);
    assert_eq!(program.ask(&program.query(&home.root(), "sts", IDENTITY)).status, 200);
}

#[test]
fn a_store_is_sealed_anew_while_nobody_serves_it() {
    let home = Home::new();
    let rotate = |seal: &[&str], new: &str, environment: &[(&str, &str)]| {
        let arguments = [&["seal", "rotate", "--new-seal", new][..], seal].concat();
        let output = home.command(&arguments).envs(environment.iter().copied()).output().unwrap();
        (output.status.success(), text(output.stdout) + &text(output.stderr))
    };
    let nothing = rotate(&[], "passphrase", &[]);
    assert!(!nothing.0 && nothing.1.contains("there is no store"), "{nothing:?}");
    assert!(!home.path().join("data/alcazar").exists());

    let program = home.start(&[]);
    let create = program.json(&home.root(), "TrentService.CreateKey", b"{}");
    let key = program.ask(&create).text("KeyId");
    let body = format!(r#"{{"KeyId":"{key}","Plaintext":"c2VjcmV0"}}"#);
    let encrypt = program.json(&home.root(), "TrentService.Encrypt", body.as_bytes());
    let ciphertext = program.ask(&encrypt).text("CiphertextBlob");
    let words = [("ALCAZAR_NEW_SEAL_PASSPHRASE", "correct horse battery staple")];
    let served = rotate(&[], "passphrase", &words);
    assert!(!served.0 && served.1.contains("in use"), "{served:?}");
    program.terminate();

    let old = home.path().join("config/alcazar/seal");
    let same = rotate(&[], &format!("file:{}", old.display()), &[]);
    assert!(!same.0 && same.1.contains("must be another"), "{same:?}");
    let rotated = rotate(&[], "passphrase", &words);
    assert!(rotated.0 && rotated.1.contains("--seal passphrase"), "{rotated:?}");
    assert!(!rotated.1.contains("battery"), "{rotated:?}");
    assert!(home.refused(&[], &[]).contains("--seal passphrase"), "the old seal opens nothing");
    // From one passphrase to another.
    let first = [("ALCAZAR_SEAL_PASSPHRASE", words[0].1), ("ALCAZAR_NEW_SEAL_PASSPHRASE", "hunter2 hunter2")];
    let wrong = rotate(
        &["--seal", "passphrase"],
        "passphrase",
        &[("ALCAZAR_SEAL_PASSPHRASE", "wrong one"), words[0]],
    );
    assert!(!wrong.0 && wrong.1.contains("does not open this store"), "{wrong:?}");
    assert!(rotate(&["--seal", "passphrase"], "passphrase", &first).0);
    assert!(home.refused(&["--seal", "passphrase"], &first[..1]).contains("does not open"));

    let program =
        home.start_with(&["--seal", "passphrase"], &[("ALCAZAR_SEAL_PASSPHRASE", "hunter2 hunter2")]);
    let body = format!(r#"{{"CiphertextBlob":"{ciphertext}"}}"#);
    let decrypt = program.json(&home.root(), "TrentService.Decrypt", body.as_bytes());
    assert_eq!(program.ask(&decrypt).text("Plaintext"), "c2VjcmV0", "whatever was sealed before opens");
}

#[test]
fn one_store_has_one_process() {
    let home = Home::new();
    let _program = home.start(&[]);
    let second = home.refused(&["--metrics", "off"], &[]);
    assert!(second.contains("in use"), "{second}");
}

#[test]
fn a_stop_lets_requests_in_flight_finish() {
    let home = Home::new();
    let program = home.start(&[]);
    let request = program.query(&home.root(), "sts", IDENTITY);
    let mut idle = program.connect();
    idle.send(&request);
    assert_eq!(idle.answer().status, 200);
    let mut halfway = program.connect();
    let (first, rest) = request.split_at(request.len() - 5);
    halfway.send(first);
    thread::sleep(Duration::from_millis(100));
    let rest = rest.to_vec();
    let finish = thread::spawn(move || {
        thread::sleep(Duration::from_millis(400));
        halfway.send(&rest);
        halfway.answer()
    });
    let took = program.terminate();
    assert_eq!(finish.join().unwrap().status, 200);
    assert!(idle.ends());
    assert!(took > Duration::from_millis(200) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn gates_answer_the_unsigned_and_nothing_else_does() {
    let home = Home::new();
    let program = home.start(&[]);
    assert_eq!(program.get("/_alcazar/health").status, 200);
    assert_eq!(program.get("/_alcazar/ready").status, 200);
    assert!(home.run(&["health"]).status.success());
    for path in ["/_alcazar/", "/_alcazar/metrics", "/_alcazar/health/", "/metrics", "/"] {
        let answer = program.get(path);
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    let post = program
        .ask(format!("POST /_alcazar/health HTTP/1.1\r\nhost: {}\r\n\r\n", program.address).as_bytes());
    assert_eq!(post.status, 405);
    program.terminate();
    assert!(!home.run(&["health"]).status.success());
}

#[test]
fn the_installations_own_authority_is_what_clients_trust() {
    let home = Home::new();
    let program = home.start(&["--tls-self"]);
    assert!(program.endpoint.endpoint.starts_with("https://"));
    let created = home.run(&["account", "create", "--name", "over-tls"]);
    assert!(created.status.success(), "{}", text(created.stderr));
    assert!(text(home.run(&["account", "list"]).stdout).contains("over-tls"));
    assert!(text(home.run(&["env"]).stdout).contains("export AWS_CA_BUNDLE="));
    // Plain HTTP on a TLS port is nothing.
    let mut plain = program.connect();
    plain.send(b"GET /_alcazar/health HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(plain.ends());
    program.terminate();
}

#[test]
fn options_come_by_flag_then_environment_then_file_and_misspelt_ones_are_told() {
    let home = Home::new();
    let config = home.path().join("config/alcazar");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("alcazar.toml"), "region = \"eu-west-1\"\nregions = [\"here-1\"]\n").unwrap();
    let region = |arguments: &[&str], environment: &[(&str, &str)]| {
        let program = home.start_with(arguments, environment);
        let region = program.endpoint.region.clone();
        program.terminate();
        region
    };
    assert_eq!(region(&[], &[]), "eu-west-1");
    assert_eq!(region(&[], &[("ALCAZAR_REGION", "here-1")]), "here-1");
    assert_eq!(region(&["--region", "us-west-2"], &[("ALCAZAR_REGION", "here-1")]), "us-west-2");
    assert!(home.refused(&["--region", "there-1"], &[]).contains("there-1"));
    let told = home.refused(&["--region", "there-1"], &[("ALCAZAR_REGOIN", "here-1")]);
    assert!(told.contains("ALCAZAR_REGOIN is no option"), "{told}");
    fs::write(config.join("alcazar.toml"), "regoin = \"eu-west-1\"\n").unwrap();
    assert!(home.refused(&[], &[]).contains("regoin"));
}

#[test]
fn an_open_address_without_tls_is_refused() {
    let home = Home::new();
    let output = home.run(&["serve", "--listen", "0.0.0.0:0", "--metrics", "off"]);
    assert!(!output.status.success());
    assert!(text(output.stderr).contains("--plaintext"));
    assert!(!home.path().join("data").exists(), "a refused start leaves no store");
}
