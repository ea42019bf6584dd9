/**
 * The tools that work on an image while it is built, each at one version, and where they put things. All of it is
 * part of the recipe: a change here can change every image, so it goes with a change of the plan's recipe number.
 */

export const UV_VERSION = "0.13.8";
export const POETRY_VERSION = "2.2.1";
/** For environments of our own; runs on every Python since 3.8. */
export const PIP_VERSION = "25.0.1";
/** Conda brings its own Python; this one where the spec names none. */
export const CONDA_PYTHON = "3.12";
export const MICROMAMBA_IMAGE = "docker.io/mambaorg/micromamba:2.3.3";

/** uv's wheels for Linux by file name, with their sha256. The first of a machine is static. */
export const UV_WHEELS: Readonly<Record<string, readonly Readonly<{ file: string; sha256: string }>[]>> = {
  x86_64: [
    {
      file: "uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl",
      sha256: "29451c60f5e8b07403e0a175d5229efc36b0289b34143ff4aaa499a5dd52553a",
    },
    {
      file: "uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
      sha256: "e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984",
    },
  ],
  aarch64: [
    {
      file: "uv-0.13.8-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
      sha256: "0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d",
    },
    {
      file: "uv-0.13.8-py3-none-manylinux_2_28_aarch64.whl",
      sha256: "5337c30bb893b4f9ce0ceb921ba2da0d13f649da644f40ad3bef84083bef0203",
    },
  ],
};

/** Where uv of `machine` (`uname -m`) lies in the context, for bases that cannot install it themselves. */
export function uvContextPath(machine: string): string {
  return `${CONTEXT_UV}/${machine}/uv`;
}

/** Our own folder of the context. */
export const CONTEXT_FOLDER = ".imagespec";
export const CONTEXT_UV: string = `${CONTEXT_FOLDER}/uv`;

/** A step that ends with this exit code wants uv in the context, at {@link uvContextPath}. */
export const NO_UV_EXIT_CODE = 78;

/** Where steps mount what they need. Below /dev, which is not part of any layer, mount points leave no trace. */
export const MOUNTS = "/dev/.imagespec";
/** Where helper stages keep tools; never a path of the image. */
export const TOOLS = "/opt/imagespec";

/** The environment that is made where the interpreter is ours, and the file that tells it from one of the base. */
export const ENVIRONMENT = "/opt/venv";
export const ENVIRONMENT_MARK: string = `${ENVIRONMENT}/.imagespec`;
export const PYTHON_FOLDER = "/opt/python";
