"""Every variety of the survey of languages, corpora and engines has its row in the catalogue."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.dialects import all_dialects, find_dialects, get_dialect

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "audio" / "manifest.tsv"

SCHEDULED = """
as-IN bn-IN bn-BD brx-IN doi-IN gu-IN hi-IN kn-IN ks-Arab-IN ks-Deva-IN kok-Deva-IN gom-Latn-IN kok-Knda-IN mai-IN
ml-IN mni-Beng-IN mni-Mtei-IN mr-IN ne-IN ne-NP or-IN pa-Guru-IN sa-IN sat-Olck-IN sd-Deva-IN sd-Arab-IN ta-IN ta-LK
ta-SG ta-MY te-IN ur-IN en-IN
"""
INDIAN_VARIETIES = """
bho-IN mag-IN anp-IN vjk-IN mag-IN-x-khortha sck-IN sgj-IN sjp-IN awa-IN bfy-IN hne-IN bns-IN bra-IN bjj-IN
hi-IN-x-khari bgc-IN wtm-IN raj-IN mwr-IN mtr-IN dhd-IN hoj-IN swv-IN wry-IN gdx-IN bgq-IN wbr-IN mup-IN noe-IN bhb-IN
bhi-IN lmn-IN gbm-IN kfy-IN jns-IN xnr-IN mjl-IN kfx-IN bfz-IN srx-IN cdh-IN kfs-IN pnb-Arab-PK skr-Arab-PK hnd-Arab-PK
hno-Arab-PK pa-IN-x-majhi pa-IN-x-doabi pa-IN-x-malwai pa-IN-x-puadhi kfr-IN gu-IN-x-kathia gu-IN-x-surti
gu-IN-x-charotar saz-IN vah-IN kok-IN-x-malvani ahr-IN khn-IN hlb-IN bgw-IN spv-IN dso-IN syl-Beng ctg-BD rkt-IN
bn-IN-x-rarhi bn-IN-x-varendri bn-IN-x-manbhum ccp-Cakm ccp-Beng bpy-IN as-IN-x-kamrup as-IN-x-goalpar nag-IN lus-IN
kha-IN grt-IN trp-IN mjw-IN njo-IN njm-IN nsm-IN njh-IN nmf-IN tcz-IN njz-IN adi-IN apt-IN nnp-IN lep-Lepc-IN
lif-Limb-IN sip-Tibt-IN lbj-Tibt-IN unr-IN hoc-IN kru-IN gon-IN gno-IN esg-IN wsg-IN kfq-IN tcy-Knda-IN ml-IN-x-beary
kfa-IN bfq-IN iru-IN tcx-IN dcc-IN ta-IN-x-chennai ta-IN-x-madurai ta-IN-x-kongu ta-IN-x-nellai ta-IN-x-thanjav
ta-IN-x-kumari ta-LK-x-jaffna te-IN-x-telangan te-IN-x-rayala te-IN-x-coastal te-IN-x-uttaran kn-IN-x-dharwad
kn-IN-x-mysuru kn-IN-x-coastal kn-IN-x-kalaburg kn-IN-x-ballari kn-IN-x-havyaka ml-IN-x-malabar ml-IN-x-central
ml-IN-x-travanc ml-IN-x-jeseri
"""
SINITIC_AND_TIBETAN = """
zh-Hans-CN cmn-Hans-CN zh-Hant-TW zh-Hans-SG cmn-Hans-CN-x-beijing cmn-Hans-CN-x-dongbei cmn-Hans-CN-x-jilu
cmn-Hans-CN-x-jiaoliao cmn-Hans-CN-x-zhongyua cmn-Hans-CN-x-lanyin cmn-Hans-CN-x-sichuan cmn-Hans-CN-x-guizhou
cmn-Hans-CN-x-yunnan cmn-Hans-CN-x-wuhan cmn-Hans-CN-x-jianghua cjy-Hans-CN yue-Hant-HK yue-Hans-CN
yue-Hant-CN-x-taishan wuu-Hans-CN-x-shanghai wuu-Hans-CN-x-suzhou wuu-Hans-CN-x-hangzhou wuu-Hans-CN-x-ningbo
wuu-Hans-CN-x-wenzhou nan-Hant-TW nan-Latn-TW nan-Hans-CN-x-xiamen nan-Hans-CN-x-teochew hnm-CN luh-CN cdo-Hans-CN
cdo-Latn mnp-CN czo-CN cpx-CN sjc-CN hak-Hans-CN hak-Hant-TW hak-Latn-TW hsn-Hans-CN-x-changsha gan-Hans-CN czh-Hans-CN
cnp-CN csp-CN dng-Cyrl bo-CN bo-IN
"""
RESPIN_DIALECTS = {"bn": 5, "bh": 3, "ch": 4, "hi": 5, "kn": 5, "mg": 4, "mt": 4, "mr": 4, "te": 4}
"""Dialects of each of RESPIN's languages. Source: https://github.com/labspire/respin_did_interspeech25"""
VAANI_LANGUAGES = """
Hindi, Bengali, Telugu, Kannada, Marathi, Odia, Chakma, Garo, Malayalam, Nepali, Assamese, Tamil, Bhojpuri, Nagamese,
English, Punjabi, Mizo, Maithili, Gujarati, Chhattisgarhi, Rajasthani, Wancho, Marwari, Garhwali, Magahi, Bajjika,
Konkani, Kokborok, Angika, Khortha, Tulu, Kumaoni, Halbi, Urdu, Sumi, Khariboli, Idu_mishmi, Malvani, Sadri, Bundeli,
Karbi, Surgujia, Rengma, Ao, Manipuri, Gondi, Magadhi, Chakhesang, Tangkhul, Rongmei, Awadhi, KhorthKhotta, Haryanvi,
Surjapuri, Kurukh, Sambalpuri, Jaipuri, Bearybashe, Bhili, Powari, Tenyidie, Bhatri, Kurumali, Nagpuri, Harauti,
Mewari, Shekhawati, Bagri
"""
"""Source: https://huggingface.co/datasets/ARTPARK-IISc/Vaani-transcription-part and its later releases."""


@pytest.mark.parametrize("tag", [*SCHEDULED.split(), *INDIAN_VARIETIES.split(), *SINITIC_AND_TIBETAN.split()])
def test_every_variety_of_the_survey_is_there(tag: str) -> None:
    assert get_dialect(tag).tag in {dialect.tag for dialect in all_dialects()}


@pytest.mark.parametrize(("language", "count"), RESPIN_DIALECTS.items())
def test_every_dialect_of_respin_is_labelled(language: str, count: int) -> None:
    for number in range(1, count + 1):
        found = find_dialects(f"RESPIN {language} D{number}")
        assert found
        assert all(f"RESPIN {language} D{number}" in dialect.labels for dialect in found)


@pytest.mark.parametrize("language", [name.strip() for name in VAANI_LANGUAGES.split(",")])
def test_every_language_with_transcripts_in_vaani_is_labelled(language: str) -> None:
    assert f"Vaani {language}" in find_dialects(f"Vaani {language}")[0].labels


def test_every_tag_of_the_shared_recordings_resolves() -> None:
    if not RECORDINGS.exists():
        pytest.skip(f"no shared recordings at {RECORDINGS}")
    with RECORDINGS.open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 94
    for row in rows:
        dialect = get_dialect(row["tag"])
        assert dialect.iso639_3 == row["iso639_3"] or dialect.tag == row["tag"]
