import { BuilderRegistry } from "@imagespec/core";
import { union } from "@imagespec/union";

export const builders: BuilderRegistry = new BuilderRegistry().register(
  union(
    { endpoint: "org.hosted.example", project: "vision", domain: "development" },
    { headers: () => ({ authorization: `Bearer ${process.env.CALLER_TOKEN}` }) },
  ),
);
