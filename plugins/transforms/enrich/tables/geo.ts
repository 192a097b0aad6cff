import type { Data } from "weir";
import { isObject } from "weir/fields";

/**
 * The fields of ECS for a record of a City, Country, Enterprise, ASN or ISP database, as Elasticsearch's geoip processor
 * names them; undefined for other records. Names are English.
 */
export const ecsOf = (record: Data): Data | undefined => {
  const [country, continent, city] = [
    memberOf(record, "country"),
    memberOf(record, "continent"),
    memberOf(record, "city"),
  ];
  const [location, postal] = [memberOf(record, "location"), memberOf(record, "postal")];
  const region = Array.isArray(record["subdivisions"]) ? (record["subdivisions"][0] as unknown) : undefined;
  const [countryCode, regionCode] = [memberOf(country, "iso_code"), memberOf(region, "iso_code")];
  const [lat, lon] = [memberOf(location, "latitude"), memberOf(location, "longitude")];
  const fields = {
    "geo.continent_code": memberOf(continent, "code"),
    "geo.continent_name": nameOf(continent),
    "geo.country_iso_code": countryCode,
    "geo.country_name": nameOf(country),
    "geo.region_iso_code": isText(countryCode) && isText(regionCode) ? `${countryCode}-${regionCode}` : undefined,
    "geo.region_name": nameOf(region),
    "geo.city_name": nameOf(city),
    "geo.postal_code": memberOf(postal, "code"),
    "geo.timezone": memberOf(location, "time_zone"),
    "geo.location": typeof lat === "number" && typeof lon === "number" ? { lat, lon } : undefined,
    "as.number": memberOf(record, "autonomous_system_number"),
    "as.organization.name": memberOf(record, "autonomous_system_organization"),
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length > 0 ? Object.fromEntries(known) : undefined;
};

const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

const nameOf = (value: unknown): unknown => memberOf(memberOf(value, "names"), "en");

const isText = (value: unknown): value is string => typeof value === "string";
