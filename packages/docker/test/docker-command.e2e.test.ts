import { testEngine } from "./support/engine-suite.ts";
import { useSharedDocker } from "./support/engine-under-test.ts";

/** Where Debian's package has it, which is not the newer one that may be installed beside it. */
const debianFirst = `/usr/bin:${process.env.PATH}`;

testEngine(() => useSharedDocker("docker-cli", { PATH: debianFirst }));
