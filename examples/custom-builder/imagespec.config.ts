import { defineConfig } from "imagespec";
import buildah from "imagespec-builder-buildah";

export default defineConfig({ builders: [buildah] });
