import { union } from "@imagespec/union";

export const builder = union(
  { endpoint: "org.hosted.example", project: "vision", domain: "development" },
  { headers: () => ({ authorization: `Bearer ${process.env.CALLER_TOKEN}` }) },
);
