// The AWS Encryption SDK for JavaScript, as a user's program has it: the same orders and answers as `seal.py`.
"use strict";

const sdk = require("@aws-crypto/client-node");

function keyring({ keys, region, mrk }) {
  const [generatorKeyId, ...keyIds] = keys;
  if (mrk) {
    return generatorKeyId
      ? sdk.buildAwsKmsMrkAwareStrictMultiKeyringNode({ generatorKeyId, keyIds })
      : sdk.buildAwsKmsMrkAwareDiscoveryMultiKeyringNode({ regions: [region] });
  }
  return generatorKeyId ? new sdk.KmsKeyringNode({ generatorKeyId, keyIds }) : new sdk.KmsKeyringNode({ discovery: true });
}

async function main() {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  const order = JSON.parse(text);
  const client = sdk.buildClient(sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const data = Buffer.from(order.data, "base64");
  const done =
    order.action === "encrypt"
      ? await client.encrypt(keyring(order), data, { encryptionContext: order.context })
      : await client.decrypt(keyring(order), data);
  const [result, header] = [done.result ?? done.plaintext, done.messageHeader];
  process.stdout.write(JSON.stringify({ data: result.toString("base64"), context: { ...header.encryptionContext } }));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
