import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AuthMetadataService } from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";
import { ClusterService } from "@flyteorg/flyteidl2/flyteidl2/cluster/service_pb.ts";
import { ImageService } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/service_pb.ts";
import { TaskService } from "@flyteorg/flyteidl2/flyteidl2/task/task_service_pb.ts";
import type { ServiceOptions } from "./behaviour.ts";
import { dataRoutes } from "./data-routes.ts";
import { PUBLIC_CLIENT } from "./oauth.ts";
import { runRoutes } from "./run-routes.ts";

const TASK = "build-image";

function taskSpec(name: string) {
  const text = { type: { type: { case: "simple" as const, value: 3 } } };
  const inputs = ["spec", "context", "target_image"].map((key) => ({ key, value: text }));
  return {
    taskTemplate: {
      id: { resourceType: 1, project: "system", domain: "production", name, version: "v1" },
      type: "python",
      interface: {
        inputs: { variables: inputs },
        outputs: { variables: [{ key: "fully_qualified_image", value: text }] },
      },
    },
    shortName: name,
  };
}

function selectCluster({ behaviour, addresses }: ServiceOptions): { clusterEndpoint: string } {
  const { main, second } = addresses();
  switch (behaviour.cluster) {
    case "empty":
      return { clusterEndpoint: "" };
    case "same":
      return { clusterEndpoint: `dns:///${main}` };
    case "second":
      return { clusterEndpoint: second };
    case "unimplemented":
      throw new ConnectError("SelectCluster is not implemented", Code.Unimplemented);
  }
}

function authRoutes(router: ConnectRouter, { auth, addresses }: ServiceOptions): void {
  router.service(AuthMetadataService, {
    getOAuth2Metadata: () => ({
      issuer: addresses().origin,
      authorizationEndpoint: `${addresses().origin}/oauth2/authorize`,
      tokenEndpoint: `${addresses().origin}/oauth2/token`,
      deviceAuthorizationEndpoint: auth?.device ? `${addresses().origin}/oauth2/device` : "",
    }),
    getPublicClientConfig: () => ({
      clientId: PUBLIC_CLIENT,
      redirectUri: auth?.redirectUri ?? "http://localhost/callback",
      scopes: ["all", "offline"],
      authorizationMetadataKey: auth?.announcedHeader ?? auth?.header ?? "authorization",
      audience: auth?.audience ?? "",
    }),
  });
}

/** Union's services, as far as a build asks them. */
export function routes(options: ServiceOptions): (router: ConnectRouter) => void {
  const { state, behaviour } = options;
  const taskId = { project: "system", domain: "production", name: TASK, version: "v1" };
  return (router) => {
    authRoutes(router, options);
    dataRoutes(router, options);
    runRoutes(router, options);
    router.service(ClusterService, { selectCluster: () => selectCluster(options) });
    router.service(TaskService, {
      listTasks: () => ({ tasks: behaviour.enabled ? [{ taskId }] : [] }),
      getTaskDetails: () => ({ details: { taskId, spec: taskSpec(TASK) } }),
    });
    router.service(ImageService, {
      getImage({ id }) {
        const fqin = state.images.get(id?.name ?? "");
        if (fqin === undefined) throw new ConnectError("image not found", Code.NotFound);
        return { image: { id: { name: id?.name ?? "" }, fqin } };
      },
    });
  };
}
