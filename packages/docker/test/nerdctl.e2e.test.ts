import { testEngine } from "./support/engine-suite.ts";
import { useNerdctl } from "./support/use-nerdctl.ts";

testEngine(useNerdctl);
