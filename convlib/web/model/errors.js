/** An argument that the layer rejects; the message is the one that convlib raises. */
export class InvalidArgument extends Error {
  name = "InvalidArgument";
}
