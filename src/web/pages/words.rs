//! The words of the pages, in Chinese and English. Every word is a field: a template that names one that is not there
//! does not compile, and a language that lacks one does not start.

use std::sync::LazyLock;

/// Makes the words of each page from their names.
macro_rules! words {
    ($($page:ident { $($word:ident)* })*) => {
        $(
            #[doc = concat!("Words of `", stringify!($page), "`.")]
            pub(crate) mod $page {
                #[derive(Debug, serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                pub(crate) struct Words {
                    $(pub(crate) $word: String,)*
                }
            }
        )*

        /// All words in one language.
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Words {
            $(pub(crate) $page: $page::Words,)*
        }
    };
}

words! {
    common {
        product tagline skip sign_out other_language back_home cancel optional insecure
        must_password must_factor
    }
    sign_in {
        title login password submit code code_help code_title code_submit code_intro start_over signed_out
        ended forgot wait
    }
    setup {
        title intro office organisation organisation_help unit unit_help system system_help security
        security_help audit audit_help three login name badge password again submit differs
        done_title done_intro for_security for_audit done_next done_sign_in void_title void_text
    }
    activate {
        title intro password again submit differs done
    }
    password {
        title old new rule again submit differs done wrong_old
    }
    factor {
        title intro need_app replace password begin scan_title scan manual code confirm codes_title
        codes_intro codes_done
    }
    sessions {
        title intro current address device began seen until end end_current certificate ended none
    }
    home {
        title greeting login unit roles no_roles everywhere rights no_rights links sessions sessions_help
        password password_help factor factor_help api api_help trust trust_help until
    }
    trust {
        title intro none_title none_text step_download download check check_help fingerprint valid_until
        android android_1 android_2 android_3 android_4 iphone iphone_1 iphone_2 iphone_3 iphone_4 windows
        windows_1 windows_2 windows_3 windows_4 address address_help
    }
    errors {
        not_found not_found_help forbidden too_many internal internal_help other request
    }
    api {
        title intro needs_script document
    }
}

/// Chinese.
pub(crate) static CHINESE: LazyLock<Words> = LazyLock::new(|| read("zh", include_str!("../locales/zh.toml")));
/// English.
pub(crate) static ENGLISH: LazyLock<Words> = LazyLock::new(|| read("en", include_str!("../locales/en.toml")));

fn read(name: &str, text: &str) -> Words {
    // They are in the binary, and a test reads both: a fault in them cannot leave the workshop.
    toml::from_str(text).unwrap_or_else(|error| panic!("locales/{name}.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_every_word_and_the_same_blanks() {
        LazyLock::force(&CHINESE);
        LazyLock::force(&ENGLISH);
        let tables = [include_str!("../locales/zh.toml"), include_str!("../locales/en.toml")]
            .map(|text| text.parse::<toml::Table>().unwrap());
        for (page, words) in &tables[0] {
            for (word, chinese) in words.as_table().unwrap() {
                let english = tables[1][page][word].as_str().unwrap();
                let blanks = |text: &str| text.matches('{').count();
                assert_eq!(blanks(chinese.as_str().unwrap()), blanks(english), "{page}.{word}");
                assert!(!english.trim().is_empty() && !chinese.as_str().unwrap().trim().is_empty(), "{page}.{word}");
            }
        }
    }
}
