"""Parameter Store: parameters in a hierarchy, as boto3 and the `aws` command use them."""

import datetime
import json

from installation import Installation
from judge import Case, named


class Parameters(Case):
    def setUp(self):
        self.ssm = self.client("ssm")

    def put(self, name, value="v", type="String", **options):
        return self.ssm.put_parameter(Name=name, Value=value, Type=type, **options)

    def arn(self, name):
        return f"arn:aws:ssm:us-east-1:{self.account_id}:parameter{name}"

    def test_values_come_back_as_they_were(self):
        root = f"/{named('values')}"
        for type, value in [("String", "pässword\n"), ("StringList", "a,b,c"), ("SecureString", "x" * 4096)]:
            name = f"{root}/{type}"
            made = self.put(name, value, type)
            self.assertEqual((made["Version"], made["Tier"]), (1, "Standard"))
            read = self.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
            told = (read["Value"], read["Type"], read["Version"], read["ARN"], read["DataType"])
            self.assertEqual(told, (value, type, 1, self.arn(name), "text"))
        shut = self.ssm.get_parameter(Name=f"{root}/SecureString")["Parameter"]["Value"]
        self.assertNotIn("xxx", shut)

    def test_versions_and_labels(self):
        name = f"/{named('versions')}/db"
        for value in ["one", "two", "three"]:
            self.put(name, value, Overwrite=True)
        told = self.ssm.label_parameter_version(Name=name, ParameterVersion=2, Labels=["live", "1st"])
        self.assertEqual((told["InvalidLabels"], told["ParameterVersion"]), (["1st"], 2))
        values = {
            selector: self.ssm.get_parameter(Name=name + selector)["Parameter"]["Value"]
            for selector in ["", ":1", ":live", ":3"]
        }
        self.assertEqual(values, {"": "three", ":1": "one", ":live": "two", ":3": "three"})
        pages = self.ssm.get_paginator("get_parameter_history").paginate(Name=name, PaginationConfig={"PageSize": 2})
        history = [(it["Version"], it["Value"], it["Labels"]) for page in pages for it in page["Parameters"]]
        self.assertEqual(history, [(1, "one", []), (2, "two", ["live"]), (3, "three", [])])
        self.assertEqual(self.ssm.unlabel_parameter_version(Name=name, ParameterVersion=2, Labels=["live"])["RemovedLabels"], ["live"])
        with self.refused("ParameterVersionNotFound", says="could not find version 4"):
            self.ssm.get_parameter(Name=name + ":4")
        with self.refused("ParameterAlreadyExists"):
            self.put(name)
        with self.refused("ParameterNotFound"):
            self.ssm.get_parameter(Name=name + "/none")

    def test_a_path_is_read_page_by_page(self):
        root = f"/{named('path')}"
        names = [f"{root}/{number:02}" for number in range(23)] + [f"{root}/deep/er/one"]
        for name in names:
            self.put(name)
        paginator = self.ssm.get_paginator("get_parameters_by_path")
        listed = lambda **options: [
            it["Name"] for page in paginator.paginate(Path=root, **options) for it in page["Parameters"]
        ]
        self.assertEqual(listed(), names[:-1])
        self.assertEqual(sorted(listed(Recursive=True)), sorted(names))
        self.assertEqual(sorted(listed(Recursive=True, PaginationConfig={"PageSize": 3})), sorted(names))
        read = self.ssm.get_parameters(Names=[names[0], names[1], root])
        self.assertEqual([it["Name"] for it in read["Parameters"]], names[:2])
        self.assertEqual(read["InvalidParameters"], [root])
        gone = self.ssm.delete_parameters(Names=[names[0], root])
        self.assertEqual((gone["DeletedParameters"], gone["InvalidParameters"]), ([names[0]], [root]))
        self.assertEqual(listed(), names[1:-1])

    def test_parameters_are_described_by_filter(self):
        root = f"/{named('described')}"
        self.put(f"{root}/a", Description="it", Tags=[{"Key": "team", "Value": root[1:]}])
        self.put(f"{root}/b", type="SecureString")
        self.put(f"{root}/c/d", Tier="Advanced")
        describe = lambda *filters: [
            it["Name"]
            for page in self.ssm.get_paginator("describe_parameters").paginate(ParameterFilters=list(filters))
            for it in page["Parameters"]
        ]
        path = {"Key": "Path", "Option": "Recursive", "Values": [root]}
        self.assertEqual(describe(path), [f"{root}/a", f"{root}/b", f"{root}/c/d"])
        self.assertEqual(describe({"Key": "Path", "Values": [root]}), [f"{root}/a", f"{root}/b"])
        self.assertEqual(describe(path, {"Key": "Type", "Values": ["SecureString"]}), [f"{root}/b"])
        self.assertEqual(describe(path, {"Key": "Tier", "Values": ["Advanced"]}), [f"{root}/c/d"])
        self.assertEqual(describe({"Key": "tag:team", "Values": [root[1:]]}), [f"{root}/a"])
        self.assertEqual(describe({"Key": "Name", "Option": "BeginsWith", "Values": [root]}), describe(path))

    def test_a_secure_string_needs_its_key(self):
        key = self.key()["Arn"]
        name = f"/{named('secure')}/pw"
        self.put(name, "hunter2", "SecureString", KeyId=key)
        get = ("Allow", "ssm:GetParameter*", self.arn(name))
        via = {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "ssm.us-east-1.amazonaws.com",
                    "kms:EncryptionContext:PARAMETER_ARN": self.arn(name),
                }
            },
        }
        _, without = self.user(get)
        with self.refused("AccessDeniedException", says="kms:Decrypt"):
            self.client("ssm", without).get_parameter(Name=name, WithDecryption=True)
        _, allowed = self.user(get, via)
        read = self.client("ssm", allowed).get_parameter(Name=name, WithDecryption=True)
        self.assertEqual(read["Parameter"]["Value"], "hunter2")
        with self.refused("AccessDeniedException", says="kms:Decrypt"):
            self.client("kms", allowed).decrypt(CiphertextBlob=b"x" * 200, KeyId=key)
        events = self.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": key}]
        )["Events"]
        self.assertIn("Decrypt", [event["EventName"] for event in events])
        with self.refused("InvalidKeyId"):
            self.put(name + "2", "v", "SecureString", KeyId="alias/none")

    def test_advanced_parameters_are_larger_and_shared(self):
        name = f"/{named('advanced')}/p"
        with self.refused("ValidationException", says="maximum parameter value of 4096 characters"):
            self.put(name, "x" * 4097)
        self.assertEqual(self.put(name, "x" * 8192, Tier="Intelligent-Tiering")["Tier"], "Advanced")
        with self.refused("ValidationException", says="can't downgrade"):
            self.put(name, Tier="Standard", Overwrite=True)
        statement = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ssm:GetParameter", "Resource": self.arn(name)}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made = self.ssm.put_resource_policy(ResourceArn=self.arn(name), Policy=text)
        held = self.ssm.get_resource_policies(ResourceArn=self.arn(name))["Policies"]
        self.assertEqual([(it["PolicyId"], it["Policy"]) for it in held], [(made["PolicyId"], text)])
        self.ssm.delete_resource_policy(ResourceArn=self.arn(name), PolicyId=made["PolicyId"], PolicyHash=made["PolicyHash"])
        self.assertEqual(self.ssm.get_resource_policies(ResourceArn=self.arn(name))["Policies"], [])

    def test_a_secret_is_read_by_its_reference(self):
        name = named("referenced")
        self.client("secretsmanager").create_secret(Name=name, SecretString="hunter2")
        reference = f"/aws/reference/secretsmanager/{name}"
        read = self.ssm.get_parameter(Name=reference, WithDecryption=True)["Parameter"]
        self.assertEqual((read["Value"], read["Type"], read["Version"]), ("hunter2", "SecureString", 0))
        with self.refused("ValidationException", says="WithDecryption flag must be True"):
            self.ssm.get_parameter(Name=reference)

    def test_tags_and_settings(self):
        name = f"/{named('tagged')}"
        self.put(name)
        resource = {"ResourceType": "Parameter", "ResourceId": name}
        self.ssm.add_tags_to_resource(**resource, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        self.ssm.remove_tags_from_resource(**resource, TagKeys=["a"])
        self.assertEqual(self.ssm.list_tags_for_resource(**resource)["TagList"], [{"Key": "b", "Value": "2"}])
        setting = self.ssm.get_service_setting(SettingId="/ssm/parameter-store/default-parameter-tier")["ServiceSetting"]
        self.assertEqual((setting["SettingValue"], setting["Status"]), ("Standard", "Default"))

    def test_the_command_reads_and_writes(self):
        name = f"/{named('typed')}/db"

        def aws(*arguments):
            done = self.home.aws("ssm", *arguments, "--output", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout) if done.stdout.strip() else None

        aws("put-parameter", "--name", name, "--value", "one", "--type", "SecureString", "--tags", "Key=team,Value=red")
        aws("put-parameter", "--name", name, "--value", "two", "--overwrite", "--type", "SecureString")
        read = aws("get-parameter", "--name", name, "--with-decryption", "--query", "Parameter.[Value,Version]")
        self.assertEqual(read, ["two", 2])
        root = name.rsplit("/", 1)[0]
        listed = aws("get-parameters-by-path", "--path", root, "--recursive", "--query", "Parameters[].Name")
        self.assertEqual(listed, [name])
        filters = ["--parameter-filters", f"Key=Name,Option=BeginsWith,Values={root}"]
        self.assertEqual(aws("describe-parameters", *filters, "--query", "Parameters[].Version"), [2])
        aws("delete-parameter", "--name", name)
        done = self.home.aws("ssm", "get-parameter", "--name", name)
        self.assertRegex(done.stderr, "ParameterNotFound")

    def test_documents_are_known_and_not_built(self):
        with self.refused("NotImplementedException", 501):
            self.ssm.list_documents()


class Policies(Case):
    """Each test has a store of its own: time does not go back."""

    def setUp(self):
        self.home = Installation("--test-clock")
        self.addCleanup(self.home.close)
        self.account_id = self.home.account_id

    def test_a_parameter_expires_and_is_told_of_before(self):
        ssm = self.client("ssm")
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
        attributes = {"Timestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        policies = [
            {"Type": "Expiration", "Version": "1.0", "Attributes": attributes},
            {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "15", "Unit": "Days"}},
            {"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "100", "Unit": "Days"}},
        ]
        ssm.put_parameter(Name="/p", Value="v", Type="String", Tier="Advanced", Policies=json.dumps(policies))
        self.home.alcazar("clock", "advance", "16d")
        self.eventually(lambda: self.assertEqual(self.states(ssm), ["Pending", "Finished", "Pending"]))
        self.home.alcazar("clock", "advance", "15d")
        self.eventually(lambda: self.gone(ssm))
        lookup = [{"AttributeKey": "EventName", "AttributeValue": "Parameter Store Policy Action"}]
        events = self.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
        told = [json.loads(it["CloudTrailEvent"])["serviceEventDetails"]["policies"] for it in events]
        self.assertEqual([it["policy-type"] for many in told for it in many], ["Expiration", "ExpirationNotification"])

    def states(self, ssm):
        return [it["PolicyStatus"] for it in ssm.describe_parameters()["Parameters"][0]["Policies"]]

    def gone(self, ssm):
        with self.refused("ParameterNotFound"):
            ssm.get_parameter(Name="/p")


class Published(Case):
    def test_public_parameters_are_those_of_the_operators_file(self):
        home = Installation()
        self.addCleanup(home.close)
        self.home = home
        name = "/aws/service/images/linux/latest"
        file = home.home / "parameters.toml"
        file.write_text(f'[[parameter]]\nname = "{name}"\nvalue = "ami-1"\nregions = {{ eu-west-1 = "ami-2" }}\n')
        with self.refused("ParameterNotFound"):
            self.client("ssm").get_parameter(Name=name)
        home.stop()
        home.options = ("--parameters", str(file))
        home.start()
        ssm = self.client("ssm")
        read = ssm.get_parameter(Name=name)["Parameter"]
        self.assertEqual((read["Value"], read["ARN"]), ("ami-1", f"arn:aws:ssm:us-east-1::parameter{name}"))
        listed = ssm.get_parameters_by_path(Path="/aws/service/images", Recursive=True)["Parameters"]
        self.assertEqual([it["Name"] for it in listed], [name])
        with self.refused("AccessDeniedException", says="No access to reserved parameter name"):
            ssm.put_parameter(Name=name, Value="v", Type="String", Overwrite=True)
