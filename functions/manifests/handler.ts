// The function that writes the manifests of finished batches.

import { createManifestWriter } from "./create-manifest-writer.ts";

export const handler = createManifestWriter();
