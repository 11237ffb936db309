"""Replicas of secrets in other Regions, by stock clients."""

from judge import Case, named


class Replicas(Case):
    def setUp(self):
        self.here = self.client("secretsmanager")
        self.there = self.client("secretsmanager", region="eu-west-1")

    def replicated(self):
        name = named("secret")
        made = self.here.create_secret(Name=name, SecretString="one", AddReplicaRegions=[{"Region": "eu-west-1"}])
        self.assertEqual(made["ReplicationStatus"][0]["Region"], "eu-west-1")
        self.eventually(lambda: self.is_in_sync(name), seconds=15)
        return name

    def is_in_sync(self, name):
        status = self.here.describe_secret(SecretId=name)["ReplicationStatus"]
        self.assertEqual([replica["Status"] for replica in status], ["InSync"])

    def test_a_replica_follows_is_read_only_and_can_stand_alone(self):
        name = self.replicated()
        self.assertEqual(self.there.get_secret_value(SecretId=name)["SecretString"], "one")
        self.here.put_secret_value(SecretId=name, SecretString="two")
        self.eventually(lambda: self.assertEqual(self.there.get_secret_value(SecretId=name)["SecretString"], "two"), seconds=15)
        with self.refused("InvalidParameterException", says="Operation not permitted on a replica secret"):
            self.there.put_secret_value(SecretId=name, SecretString="x")
        with self.refused("InvalidParameterException", says="still has replica regions \\[eu-west-1\\]"):
            self.here.delete_secret(SecretId=name)
        self.there.stop_replication_to_replica(SecretId=name)
        self.there.put_secret_value(SecretId=name, SecretString="own")
        self.here.delete_secret(SecretId=name)
        self.assertEqual(self.there.get_secret_value(SecretId=name)["SecretString"], "own")

    def test_a_removed_replica_is_gone(self):
        name = self.replicated()
        left = self.here.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=["eu-west-1"])
        self.assertEqual(left.get("ReplicationStatus", []), [])
        with self.refused("ResourceNotFoundException"):
            self.there.get_secret_value(SecretId=name)

    def test_many_secrets_at_once(self):
        names = sorted(named("batch") for _ in range(3))
        for name in names:
            self.here.create_secret(Name=name, SecretString=f"of {name}")
        read = self.here.batch_get_secret_value(SecretIdList=[*names, "none"])
        self.assertEqual({value["Name"]: value["SecretString"] for value in read["SecretValues"]}, {name: f"of {name}" for name in names})
        self.assertEqual([error["ErrorCode"] for error in read["Errors"]], ["ResourceNotFoundException"])
        pages = self.here.get_paginator("batch_get_secret_value") if self.here.can_paginate("batch_get_secret_value") else None
        if pages:
            filters = [{"Key": "name", "Values": ["batch"]}]
            found = [value["Name"] for page in pages.paginate(Filters=filters, MaxResults=2) for value in page["SecretValues"]]
            self.assertTrue(set(names) <= set(found), found)
