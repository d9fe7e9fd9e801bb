//! The context of a request: its URL, its site, and its relation to other sites.

mod domain;
mod partition_key;
mod path;
mod request_context;
mod site;
mod site_context;
mod suffix_list;

pub use domain::{canonical_host, domain_match};
pub(crate) use domain::{is_ip, with_parents};
pub use partition_key::PartitionKey;
pub(crate) use path::path_match_bytes;
pub use path::{default_path, path_match};
pub(crate) use request_context::Api;
pub use request_context::{RequestContext, Transport};
pub use site::Site;
#[cfg(feature = "browser")]
pub(crate) use site::parse_url;
pub use site_context::{RequestKind, SiteContext};
#[cfg(feature = "psl")]
pub use suffix_list::BuiltInSuffixes;
pub(crate) use suffix_list::{NoSuffixes, is_public_suffix};
pub use suffix_list::{SuffixList, registrable_domain};
