//! Serde support for cookies and jars, with the same structure as the format [`Whole`](crate::Format).
//!
//! Times are in microseconds since the Unix epoch. A name or value that is not UTF-8 becomes `{"base64url": "…"}`,
//! which only a self-describing format such as JSON can distinguish from a string.

use std::borrow::Cow;

use hardtack_core::base64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct};

use super::jar::Jar;
use crate::cookie::{CookieRecord, Micros, StoredCookie};
use crate::request::PartitionKey;

/// The version of this structure, which every serialized jar contains.
pub(crate) const VERSION: u32 = 1;

/// The error for a jar with another version.
#[cfg(any(feature = "json", feature = "psl"))]
pub(crate) const NEWER_VERSION: &str =
    "a newer version of hardtack-jar wrote this jar: read it with that version";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SerializedCookie<'a> {
    name: SerializedText<'a>,
    value: SerializedText<'a>,
    domain: Cow<'a, str>,
    host_only: bool,
    path: Cow<'a, str>,
    secure: bool,
    http_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition: Option<SerializedPartition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated: Option<i64>,
    last_access: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SerializedPartition {
    site: String,
    cross_site_ancestor: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum SerializedText<'a> {
    Utf8(Cow<'a, str>),
    Bytes { base64url: String },
}

/// Serializes the cookies, including expired ones that have not been swept, but not the jar's settings.
impl Serialize for Jar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut jar = serializer.serialize_struct("Jar", 2)?;
        jar.serialize_field("hardtack-jar", &VERSION)?;
        jar.serialize_field("cookies", &self.iter().collect::<Vec<_>>())?;
        jar.end()
    }
}

/// Deserializes a jar with the built-in public suffix list. Deserialization has no clock, so cookies that have expired
/// in the meantime are included, but the jar does not send them.
#[cfg(feature = "psl")]
impl<'de> Deserialize<'de> for Jar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct File {
            #[serde(rename = "hardtack-jar")]
            version: u32,
            cookies: Vec<CookieRecord<'static>>,
        }
        let file = File::deserialize(deserializer)?;
        if file.version != VERSION {
            return Err(de::Error::custom(NEWER_VERSION));
        }
        let mut jar = Self::new();
        for (index, record) in file.cookies.iter().enumerate() {
            // Check the cookie as of the time at which it was set.
            let now = record.updated.unwrap_or(record.created);
            jar.restore(record, now)
                .map_err(|refusal| de::Error::custom(format_args!("cookie {}: {refusal}", index + 1)))?;
        }
        Ok(jar)
    }
}

impl Serialize for StoredCookie {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.record().serialize(serializer)
    }
}

impl Serialize for CookieRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SerializedCookie::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CookieRecord<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SerializedCookie::deserialize(deserializer)?.into_record().map_err(de::Error::custom)
    }
}

impl<'a> SerializedCookie<'a> {
    fn of(record: &'a CookieRecord<'_>) -> Self {
        Self {
            name: SerializedText::of(&record.name),
            value: SerializedText::of(&record.value),
            domain: Cow::Borrowed(&record.domain),
            host_only: record.host_only,
            path: Cow::Borrowed(&record.path),
            secure: record.secure,
            http_only: record.http_only,
            same_site: record.same_site.map(|same_site| same_site.as_str().into()),
            partition: record.partition.as_ref().map(|key| SerializedPartition {
                site: key.site().to_string(),
                cross_site_ancestor: key.has_cross_site_ancestor(),
            }),
            expires: record.expires.map(|expires| Micros::of(expires).0),
            created: Micros::of(record.created).0,
            updated: record.updated.map(|updated| Micros::of(updated).0),
            last_access: Micros::of(record.last_access).0,
        }
    }

    fn into_record(self) -> Result<CookieRecord<'static>, &'static str> {
        let partition = match self.partition {
            None => None,
            Some(partition) => {
                let site = partition.site.parse().map_err(|_| "`partition` has no valid `site`")?;
                let key = PartitionKey::new(site);
                Some(if partition.cross_site_ancestor { key.with_cross_site_ancestor() } else { key })
            }
        };
        let same_site = self.same_site.as_deref().map(str::parse).transpose();
        Ok(CookieRecord {
            name: self.name.into_bytes().ok_or("`name` is not base64url")?.into(),
            value: self.value.into_bytes().ok_or("`value` is not base64url")?.into(),
            domain: self.domain.into_owned().into(),
            host_only: self.host_only,
            path: self.path.into_owned().into(),
            secure: self.secure,
            http_only: self.http_only,
            same_site: same_site.map_err(|_| "`sameSite` is not Strict, Lax, or None")?,
            partition,
            expires: self.expires.map(|expires| Micros(expires).time()),
            created: Micros(self.created).time(),
            updated: self.updated.map(|updated| Micros(updated).time()),
            last_access: Micros(self.last_access).time(),
        })
    }
}

impl<'a> SerializedText<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.into()),
            Err(_) => Self::Bytes { base64url: base64::encode_url(bytes) },
        }
    }

    fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Utf8(text) => Some(text.into_owned().into_bytes()),
            Self::Bytes { base64url } => base64::decode_url(base64url.as_bytes()),
        }
    }
}
