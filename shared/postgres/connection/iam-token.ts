import { type AwsCredentials, presignAddress } from "../../aws/sign-request.ts";

/** As long as RDS takes a token for a new connection: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html */
const TOKEN_SECONDS = 900;

export interface IamTokenRequest {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly now: Date;
}

/** What stands for a password: the address by which the user may connect, presigned, without its scheme. */
export function signIamToken({ host, port, user, region, credentials, now }: IamTokenRequest): string {
  const url = new URL(`https://${host}:${port}/?Action=connect`);
  url.searchParams.set("DBUser", user);

  const signed = presignAddress(url, credentials, { region, service: "rds-db", now, seconds: TOKEN_SECONDS });
  // A blank is %20, as it was signed; a plus sign that is meant is %2B.
  return signed.href.replace(/^https:\/\//, "").replaceAll("+", "%20");
}
