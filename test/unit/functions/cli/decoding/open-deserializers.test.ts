import { expect, test } from "vitest";
import { DESERIALIZER_NAMES } from "../../../../../functions/cli/decoding/decoding-settings.ts";
import { openDeserializers } from "../../../../../functions/cli/decoding/open-deserializers.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

test.each(DESERIALIZER_NAMES)("%s is opened by its name", async (name) => {
  const opened = await openDeserializers({ value: name, registry: { url: "http://a.example, http://b.example" } });

  expect(opened).toEqual({ value: { deserialize: expect.any(Function) } });
});

test.each(["avro", "protobuf", "json-schema"] as const)(
  "%s without a registry is refused with the remedy",
  async (key) => {
    const opening = openDeserializers({ key });

    await expect(opening).rejects.toThrow(ConfigurationError);
    await expect(opening).rejects.toThrow("give --schema-registry-url");
  },
);
