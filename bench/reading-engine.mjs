// A thread of bench/docker.mjs: answers on a socket as Docker's engine would, reads contexts and forgets them.
import http from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const answers = {
  "/version": { Version: "0", ApiVersion: "1.41", Os: "linux", Arch: "amd64" },
  "/info": {},
  "/build": { id: "moby.image.id", aux: { ID: "sha256:0" } },
};
const image = { Id: "sha256:0", Os: "linux", Architecture: "amd64", Config: {} };

const server = http.createServer((request, response) => {
  const answer = answers[request.url.replace(/\?.*/, "")] ?? image;
  request.resume().on("end", () => response.end(JSON.stringify(answer)));
});
server.on("upgrade", (request, socket) => {
  socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`);
  socket.on("error", () => socket.destroy());
});
server.listen(workerData, () => parentPort.postMessage("listening"));
