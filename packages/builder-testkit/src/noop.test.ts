import { noop } from "@imagespec/core";
import { describeBuilder } from "./index.ts";

describeBuilder({ create: noop, place: { skip: "it builds nothing: its image is the base as it is" } });
