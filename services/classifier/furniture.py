"""What page furniture looks like, as data: words and openings by reason and language.

Only what a line says decides, never where it stands, so that cleaning twice changes nothing.
services/classifier/lines.py reads four kinds of tables:

- `WORDS`: a line made of nothing but these words, numbers and signs. "strong | weak": one strong
  word is needed. The language "any" goes with every language.
- `OPENINGS`: how a line begins, separated by "; ". With a colon at its end, an opening needs a sign
  after it (:, /, |, ©, a dash, a bracket). Without one it needs a sign, the line's end, five words
  of its own, or a line that is no sentence. With * at its end anything may follow, with ~ an
  agency or one word that is not all letters.
- `PAIRS`: a line with a word of the left group and a word of the right group ("left | right").
- `PHRASES`: words in this order anywhere in a line, separated by "; ".

All are folded before they are compared: case, vowel signs of Arabic, the Turkish i without a dot.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Furniture(StrEnum):
    """Why a piece of text is no part of the story: the closed set of reasons."""

    DATE_LINE = "date_line"
    READING_TIME = "reading_time"
    AGENCY_MARK = "agency_mark"
    SOURCE_MARK = "source_mark"
    BYLINE = "byline"
    AUTHOR_BOX = "author_box"
    COMMENTS = "comments"
    SHARE = "share"
    NEWSLETTER = "newsletter"
    SUBSCRIPTION = "subscription"
    COOKIES = "cookies"
    READ_MORE = "read_more"
    TAGS = "tags"
    IMAGE_CREDIT = "image_credit"
    ADVERT = "advert"
    LEGAL = "legal"
    FEEDBACK = "feedback"
    NAVIGATION = "navigation"
    REPEATED = "repeated"


REASONS: Final = frozenset(reason.value for reason in Furniture)

Table = Mapping[Furniture, Mapping[str, str]]

WORDS: Final[Table] = {
    Furniture.READING_TIME: {
        "any": "min | ~",
        "de": "lesezeit lesedauer minuten minute | ca etwa zum lesen leseminuten min lesezeit",
        "en": "read reading minute minutes mins | time of about estimated est less than a approx approximately to take takes",
        "fr": "lecture minutes minute mn | temps de estimé durée lire en à",
        "es": "lectura minutos minuto mins | tiempo de estimado leer en",
        "it": "lettura minuti minuto | tempo di stimato circa leggi in",
        "pt": "leitura minutos minuto | tempo de estimado ler em para",
        "nl": "leestijd minuten minuut | lezen leesduur ongeveer in ca geschatte",
        "pl": "czytania minut minuty minuta | czas ok około przeczytasz ten tekst artykuł w",
        "cs": "čtení minut minuty minuta | doba délka cca asi na",
        "ru": "чтения чтение читать минут минуты минута минуту мин | время на около за",
        "uk": "читання читати хвилин хвилини хвилина хвилину хв | час на близько за",
        "tr": "okuma dakika dk dakikada | süresi ortalama okunma yaklaşık dakikalık",
        "ar": "القراءة قراءة دقائق دقيقة دقيقتان للقراءة | مدة وقت زمن في",
        "bg": "четене минути минута мин | време за около",
    },
    Furniture.DATE_LINE: {
        "any": "| h gmt utc cet cest et est edt pst pdt bst mez mesz am pm p m a",
        "de": "januar jänner jan februar feb märz mär april apr mai juni jun juli jul august aug september sep sept oktober okt november nov dezember dez veröffentlicht aktualisiert stand erstellt publiziert ausgegeben erschienen geändert aktualisierung heute gestern | am um uhr vom den der zuletzt montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so vor minuten stunden stunde tagen bis letzte ursprünglich erstmals zuerst",
        "en": "january jan february feb march mar april apr may june jun july jul august aug september sep sept october oct november nov december dec published posted updated issued modified ago | on at by first last date time the of monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun hours hour minutes mins days st nd rd th original originally eastern since",
        "fr": "janvier janv février févr fév mars avril avr mai juin juillet juil août septembre sept octobre oct novembre nov décembre déc publié publiée mis mise créé actualisé modifié | le à jour par lundi mardi mercredi jeudi vendredi samedi dimanche et la date de publication heures il y a dernière première h er hier aujourd hui",
        "es": "enero ene febrero feb marzo mar abril abr mayo may junio jun julio jul agosto ago septiembre sept sep setiembre octubre oct noviembre nov diciembre dic publicado publicada actualizado actualizada modificado | el a las de del lunes martes miércoles jueves viernes sábado domingo hora horas hs hrs h la fecha última actualización publicación hace y creado en al",
        "it": "gennaio gen febbraio feb marzo mar aprile apr maggio mag giugno giu luglio lug agosto ago settembre set sett ottobre ott novembre nov dicembre dic pubblicato pubblicata aggiornato aggiornata modificato | il alle ore del di lunedì martedì mercoledì giovedì venerdì sabato domenica ultimo ultima aggiornamento modifica data pubblicazione fa e lun mer gio ven sab dom",
        "pt": "janeiro jan fevereiro fev março mar abril abr maio mai junho jun julho jul agosto ago setembro set outubro out novembro nov dezembro dez publicado publicada atualizado atualizada actualizado modificado criado | em a às as de do segunda terça quarta quinta sexta feira sábado domingo há horas hora minutos min última atualização data publicação e o h por",
        "nl": "januari jan februari feb maart mrt april apr mei juni jun juli jul augustus aug september sep sept oktober okt november nov december dec gepubliceerd geplaatst bijgewerkt gewijzigd aangepast geüpdatet | op om uur laatst de het voor maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr za zo geleden laatste update datum en van",
        "pl": "stycznia styczeń lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia opublikowano opublikowany aktualizacja zaktualizowano dodano utworzono publikacja | data publikacji godz godzina o r roku dnia poniedziałek wtorek środa czwartek piątek sobota niedziela dzisiaj wczoraj ostatnia temu z",
        "cs": "ledna února března dubna května června července srpna září října listopadu prosince publikováno aktualizováno zveřejněno vydáno aktualizace vloženo upraveno | v ve dne pondělí úterý středa čtvrtek pátek sobota neděle dnes včera hodin datum poslední naposledy h",
        "ru": "января янв февраля фев марта мар апреля апр мая июня июн июля июл августа авг сентября сен октября окт ноября ноя декабря дек опубликовано опубликована обновлено обновлена обновление изменено создано | в г года год мск по время московское дата публикации публикация время последнее понедельник вторник среда четверг пятница суббота воскресенье сегодня вчера",
        "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня опубліковано оновлено оновлення змінено створено | о об в у р року рік дата публікації час останнє понеділок вівторок середа четвер п ятниця субота неділя сьогодні вчора годині",
        "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık yayınlanma yayınlandı yayımlandı yayınlanmış güncelleme güncellendi güncellenme giriş eklenme oluşturulma | tarihi tarih son saat saati pazartesi salı çarşamba perşembe cuma cumartesi pazar önce da de",
        "ar": "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر كانون شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين نشر نشرت النشر تحديث التحديث حدث | في تاريخ اخر الساعة ساعة بتاريخ بتوقيت غرينتش الجمعة السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الاول الثاني يوم م ص هـ منذ الموافق",
        "bg": "януари февруари март април май юни юли август септември октомври ноември декември публикувано публикувана публикуван обновено обновена актуализирано актуализация редактирана променена | на в ч часа г от последна дата час понеделник вторник сряда четвъртък петък събота неделя днес вчера",
    },
    Furniture.SHARE: {
        "any": "facebook twitter whatsapp telegram linkedin pinterest reddit instagram youtube tiktok messenger viber xing bluesky threads tumblr flipboard tweet pocket mastodon vk pinit retweet signal | x e mail email sms link url rss com google news print app messenger it more",
        "de": "teilen teile teilt drucken tweeten twittern mailen merken sharen weiterleiten versenden folgen folgt folge empfehlen | auf bei per via diesen diese dieses den das die artikel beitrag seite story link kopieren kopiert versenden sie uns und oder mit freunden in sozialen netzwerken medien jetzt hier senden beim whatsapp kanal dies ihre deine empfehlung pinnen",
        "en": "share shares sharing print email follow copy tweet whatsapp save | on via this the story article post page link to a with your friends us in by and or by more options click here send now copied social media window opens new please",
        "fr": "partager partagez imprimer envoyer suivez tweeter copier | sur par via cet article cette page l le lien nous un ami et les réseaux sociaux à e mail courriel google actualités ce contenu votre notre",
        "es": "compartir comparte compártelo imprimir enviar síguenos tuitear copiar guardar | en por la el este esta noticia artículo nota enlace con tus amigos redes sociales vía correo electrónico nuestras y a link",
        "it": "condividi stampa condividere seguici invia tweetta copia salva | su via per l articolo questo la notizia link con i tuoi amici e tramite email pagina",
        "pt": "compartilhar compartilhe partilhar partilhe imprimir enviar siga copiar compartilhamento | no na em por via o a este esta artigo notícia matéria link com seus amigos nos nas redes sociais e email pelo",
        "nl": "deel delen deel print afdrukken tweet volg | op via dit deze artikel bericht verhaal link kopieer met je vrienden ons of en per e mail stuur door kopiëren",
        "pl": "udostępnij udostępnić podziel drukuj wyślij obserwuj tweetnij polub skopiuj | na przez ten artykuł się z w facebooku twitterze ze znajomymi link do znajomego nas i tekst artykułem mailem",
        "cs": "sdílet sdílejte sdílení vytisknout tisknout poslat odeslat sledujte tweetnout kopírovat | na síti facebooku twitteru tento článek odkaz e mailem přes nás a s přáteli do x",
        "ru": "поделиться поделитесь распечатать отправить твитнуть вконтакте одноклассники одноклассниках телеграм телеграме вк ок ватсап вацап вайбер скопировать фейсбук твиттер дзен | в на с друзьями этой этим статьей новостью ссылку ссылкой соцсетях социальных сетях через по почте и",
        "uk": "поділитися поділитись поділіться роздрукувати надіслати скопіювати телеграм вайбер твітнути фейсбук | у в на з друзями цією статтею новиною посилання соцмережах через поштою facebook та",
        "tr": "paylaş paylaşın paylas tweetle yazdır gönder takip | ta da te de bu haberi haber yazıyı da sosyal medyada facebookta twitterda whatsappta bizi edin arkadaşlarınla e posta ile linki bağlantıyı kopyala abone",
        "ar": "شارك مشاركة شاركها طباعة ارسال انشر تابعنا فيسبوك تويتر واتساب تلغرام تليغرام واتس اكس انستغرام تابعونا | على عبر في هذا هذه المقال الخبر المقالة مع الاصدقاء الى ا اب البريد الالكتروني نسخ الرابط صفحة و",
        "bg": "сподели споделете споделяне принтирай отпечатай изпрати последвайте | във в чрез тази статия новина статията с приятели на ни линк",
    },
    Furniture.COMMENTS: {
        "any": "",
        "de": "kommentar kommentare kommentieren kommentiere kommentaren leserkommentare | schreiben schreibe schreib sie den einen ersten zu diesem artikel beitrag alle anzeigen lesen ihr ihren dein deinen verfassen abgeben antworten antwort abbrechen hinterlassen jetzt keine noch sind geschlossen leider möglich diskutieren mitdiskutieren hinterlasse die zum neue laden mehr ein und",
        "en": "comment comments reply | leave a an your view show hide all post be the first to on this article story no yet are closed cancel add read join conversation write load more off there have for now submit in and discussion sort by",
        "fr": "commentaire commentaires commenter réagir réactions | laisser un une ajouter voir les lire tous aucun poster écrire votre annuler réponse la pour soyez le premier à cet article publier répondre vos sur rédiger fermés sont de",
        "es": "comentario comentarios comentar | deja dejar un tu escribe escribir ver los publica añade añadir sin hay no cancelar respuesta la sé el primero en mostrar todos ocultar cerrados comenta una en esta noticia este artículo enviar nuevo su",
        "it": "commento commenti commenta | lascia un una il tuo scrivi aggiungi vedi tutti i annulla risposta nessun primo inserisci mostra leggi pubblica invia rispondi l articolo chiusi sono",
        "pt": "comentário comentários comentar comente | deixe deixar um uma o seu os ver todos faça envie enviar escreva adicionar cancelar resposta nenhum seja primeiro a mostrar sem esta notícia este artigo",
        "nl": "reactie reacties reageer reageren | plaats een op dit artikel bericht jouw je de geef alle bekijk laat achter geen annuleren antwoord wees eerste die reageert toon gesloten zijn nog hier",
        "pl": "komentarz komentarze komentarzy skomentuj komentuj | dodaj swój zostaw napisz pokaż zobacz wszystkie brak anuluj odpowiedź wyświetl najnowsze dołącz do dyskusji pierwszy bądź pisanie nowy",
        "cs": "komentář komentáře komentářů diskuse diskuze příspěvků diskusi diskuzi příspěvky | přidat přidejte vstoupit napsat napište váš do zobrazit všechny zrušit odpověď na k článku zavřít žádné zatím a číst svůj nový",
        "ru": "комментарий комментарии комментариев комментария комментировать прокомментировать обсудить обсуждение | оставить оставьте добавить написать все показать читать ваш свой нет пока отменить ответ скрыть первый первым к в чате статье на форуме добавьте",
        "uk": "коментар коментарі коментарів коментаря коментувати прокоментувати обговорити | додати залишити залиште написати всі показати читати ваш свій немає поки скасувати відповідь сховати перший на форумі",
        "tr": "yorum yorumlar yorumunuzu yorumu yorumları yorumla | yap yaz yazın bir bırak bırakın yapın ilk sen siz göster tüm oku gönder ekle hiç yok yapılmamış cevabı iptal et henüz bu habere",
        "ar": "تعليق تعليقا تعليقك تعليقات التعليقات التعليق | اترك اكتب اضف ردا الغاء الرد لا توجد عرض كل على هذا المقال كن اول من يعلق شارك برايك",
        "bg": "коментар коментари коментара коментирай коментирайте | напишете напиши добави добавете остави оставете вашия твоя всички вижте виж няма отказ отговор към статията първи нов покажи",
    },
    Furniture.ADVERT: {
        "any": "ad ads advertorial sponsored promo | by",
        "de": "anzeige werbung anzeigen | ende der weiter nach nächster artikel unterhalb lesen sie geht es zum es folgt überspringen von dieser bitte",
        "en": "advertisement advertisements advertising | story article continues continue reading below after this scroll to the skip end of with our keep from",
        "fr": "publicité pub | la suite après cette votre lire l article continue fermer de",
        "es": "publicidad anuncio | continúa la lectura después de lee tras el sigue leyendo",
        "it": "pubblicità annuncio | continua a leggere dopo la l articolo sotto il",
        "pt": "publicidade anúncio pub | continua depois da após a o publicidade continue lendo pós",
        "nl": "advertentie reclame advertenties | lees verder onder de na artikel gaat tekst door",
        "pl": "reklama reklamy reklamą ogłoszenie | dalszy ciąg dalsza część artykułu pod tekstu materiału koniec wideo materiałem",
        "cs": "reklama reklamou inzerce reklamy | článek pokračuje pod po text",
        "ru": "реклама рекламы рекламой рекламе | на правах продолжение после под статья продолжается ниже партнеров",
        "uk": "реклама реклами рекламою | на правах продовження після під матеріал далі",
        "tr": "reklam reklamlar ilan | haberin devamı altında aşağıda sonrası devam",
        "ar": "اعلان اعلانات | يستمر المقال بعد هذا ال",
        "bg": "реклама реклами рекламата | текстът продължава след статията под",
    },
    Furniture.READ_MORE: {
        "de": "weiterlesen mehr auch | hier lesen zum thema artikel weitere ähnliche zur startseite anzeigen laden dazu mehr jetzt interessant das könnte dich sie interessieren beiträge",
        "en": "related recommended trending more | stories story articles article posts news from read on this topic most popular now the latest headlines top editors picks video videos you may might also like",
        "pl": "polecamy | również czytaj więcej także",
    },
    Furniture.NAVIGATION: {
        "any": "home menu login logout faq sitemap homepage impressum rss | blog shop forum tv top cookies cookie sport sports news video podcast",
        "de": "startseite kontakt datenschutz datenschutzerklärung agb nutzungsbedingungen mediadaten suche anmelden registrieren seitenanfang übersicht impressum inhaltsverzeichnis navigation menü merkliste warenkorb abmelden jugendschutz abo | zum zur zurück nach oben und über uns politik wirtschaft sport kultur panorama wissen reisen karriere mein konto hilfe service einstellungen nächster vorheriger beitrag artikel inhalt seite überspringen login archiv mediathek themen e paper",
        "en": "contact privacy terms careers search login register subscribe menu navigation skip previous next sitemap | about us the back our policy of use service conditions and in sign up to top page content main log out help site search article post home world politics business sports sport opinion culture health science accessibility advertise with your account settings preferences",
        "fr": "accueil contact mentions cgu cgv rechercher connexion recherche abonnement | légales politique de confidentialité conditions générales d utilisation vente nous contacter qui sommes plan du site haut retour à l la une en se connecter données personnelles page",
        "es": "inicio portada contacto buscar iniciar aviso | legal política de privacidad términos condiciones uso sesión quiénes somos mapa del sitio volver arriba menú y",
        "it": "contatti cerca accedi privacy redazione | home chi siamo note legali policy mappa del sito torna su menu pubblicità termini e condizioni cookie",
        "pt": "início contato contactos buscar pesquisar entrar expediente | política de privacidade termos uso quem somos mapa do site voltar ao topo fale conosco e",
        "nl": "contact zoeken inloggen privacybeleid privacyverklaring | over ons naar boven algemene voorwaarden terug colofon home menu en cookies",
        "pl": "kontakt szukaj zaloguj regulamin | strona główna o nas polityka prywatności się powrót do góry redakcja i reklama menu",
        "cs": "kontakt kontakty hledat přihlásit přihlášení | domů o nás úvod úvodní stránka zpět nahoru podmínky ochrana osobních údajů se menu",
        "ru": "главная контакты поиск войти вход | о нас на главную страницу наверх назад политика конфиденциальности редакция меню проекте сайт",
        "uk": "головна контакти пошук увійти вхід | про нас на головну сторінку догори назад політика конфіденційності редакція меню проєкт",
        "tr": "anasayfa künye iletişim ara giriş | ana sayfa hakkımızda gizlilik politikası kullanım koşulları yap başa dön menü",
        "ar": "الرئيسية بحث اتصل القائمة | بنا من نحن سياسة الخصوصية الصفحة شروط الاستخدام تسجيل الدخول",
        "bg": "начало контакти търсене вход | за нас към началото политика поверителност реклама общи условия меню",
    },
    Furniture.TAGS: {
        "any": "tags",
        "de": "schlagworte schlagwörter stichworte kategorien | kategorie themen",
        "en": "topics categories keywords | related more in this story",
        "fr": "mots étiquettes | clés",
        "es": "etiquetas | temas",
        "it": "etichette argomenti",
        "pt": "etiquetas tópicos assuntos",
        "nl": "trefwoorden onderwerpen",
        "pl": "tagi | tematy",
        "cs": "štítky tagy",
        "ru": "теги тэги метки",
        "uk": "теги мітки",
        "tr": "etiketler | anahtar kelimeler",
        "ar": "الوسوم وسوم",
        "bg": "тагове етикети",
    },
    Furniture.IMAGE_CREDIT: {
        "any": "getty imago shutterstock istock reuters lapresse profimedia unsplash pixabay depositphotos imagn alamy | images photo photos afp ap dpa epa foto com press pool stock archive via scanpix anadolu ansa efe",
        "de": "symbolbild symbolfoto archivbild archivfoto bildquelle | foto bild archiv bilder",
        "en": "photo photos image picture photograph | file credit courtesy by archive of handout stock screenshot illustrative",
        "it": "foto immagine | d archivio di repertorio archivio",
        "es": "foto fotografía imagen | de archivo referencial cortesía",
        "pt": "foto imagem | divulgação de arquivo reprodução ilustrativa",
        "fr": "photo illustration image | d archives archive prétexte d illustrative",
    },
    Furniture.AGENCY_MARK: {
        "any": "europapress associatedpress afp dpa reuters ap apa ansa efe lusa pap čtk ctk тасс интерфакс укринформ укрінформ уніан унн anadolu xinhua sda kna epd anp belga upi ats sid mti tass unian dha iha ukrinform interfax agi adnkronos askanews lapresse ria associated рбк унiан бта бгнес bta бгнес рия риа ansa анса рейтер dts keystone reuter novosti cna pti ani yonhap kyodo sana wam qna petra bernama prensa nfp tasr tanjug hina ritzau ntb tt ltz apn notimex telam télam agência agencias agencies agenturen вести рейтерс афп дпа еп ап رويترز وكالات الاناضول ا سانا واس قنا بترا وام سبوتنيك شينخوا صفا وفا سونا ادنا كونا dpaq aa agerpres mia | press europa новости новини associated presse france and und y e и та ve with avec mit con bb rtr bloomberg wire staff infocom agencia agence agenzia agencja agentur агентство ب ف د أ",
    },
}  # fmt: skip

OPENINGS: Final[Table] = {
    Furniture.READING_TIME: {
        "de": "lesezeit:; lesedauer:",
        "en": "reading time; estimated reading time",
        "fr": "temps de lecture; durée de lecture",
        "es": "tiempo de lectura",
        "it": "tempo di lettura",
        "pt": "tempo de leitura; tempo estimado de leitura",
        "nl": "leestijd:",
        "pl": "czas czytania; przeczytasz w; ten tekst przeczytasz w; ten artykuł przeczytasz w",
        "cs": "doba čtení; délka čtení",
        "ru": "время чтения; время на чтение",
        "uk": "час читання; час на читання",
        "tr": "okuma süresi; okunma süresi",
        "ar": "مدة القراءة; وقت القراءة; زمن القراءة",
        "bg": "време за четене",
    },
    Furniture.SOURCE_MARK: {
        "de": "quelle~; quelle:; quellen:; mit material von:; mit informationen von:; dieser artikel erschien zuerst; dieser artikel ist zuerst; dieser text erschien zuerst; dieser artikel wurde zuerst; dieser artikel wurde ursprünglich*; original-content von; mit material der; mit informationen der; dieser text stammt; dieser artikel stammt; der artikel erschien; dieser text ist zuerst",
        "en": "source~; source:; sources:; with files from; this article originally appeared; this article was originally published; this story was originally published; this article first appeared; with inputs from; original source:; republished from; this article is republished; our standards:; this story was produced; this article was produced; with reporting by; with additional reporting",
        "fr": "source:; sources:; avec afp; (avec afp; avec reuters; cet article a été publié initialement",
        "es": "fuente~; fuente:; fuentes:; con información de; este artículo fue publicado originalmente",
        "it": "fonte~; fonte:; fonti:; questo articolo è stato pubblicato originariamente",
        "pt": "fonte:; fontes:; com informações d*; este artigo foi publicado originalmente",
        "nl": "bron~; bron:; bronnen:; dit artikel verscheen eerder; dit artikel verscheen oorspronkelijk",
        "pl": "źródło~; źródło:; źródła:; na podstawie:; za:",
        "cs": "zdroj~; zdroj:; zdroje:",
        "ru": "источник~; источник:; источники:; по материалам:; читать оригинал",
        "uk": "джерело~; джерело:; джерела:; за матеріалами:",
        "tr": "kaynak~; kaynak:; kaynaklar:",
        "ar": "المصدر~; المصدر:; المصادر:; نقلا عن:",
        "bg": "източник~; източник:; източници:; по материали на:",
    },
    Furniture.BYLINE: {
        "de": "autor:; autorin:; autoren:; autor/in:; ein beitrag von; ein artikel von; ein gastbeitrag von; eine analyse von; ein kommentar von; text:; redaktion:; interview:; aus dem englischen von; von:; von unserem; von unserer; von der redaktion; von redaktion",
        "en": "author:; authors:; reporting by; additional reporting by; writing by; written by; edited by; editing by; compiled by; words by; story by; posted by; published by; reported by; contributed by; contributors:; report by; by:; by our; by staff; by agencies; staff reporter; from our correspondent",
        "fr": "auteur:; auteure:; propos recueillis par; article rédigé par; rédigé par; écrit par; publié par; la rédaction:; rédaction:; par:; par la rédaction; la rédaction avec; par notre",
        "es": "autor:; autora:; escrito por; publicado por; por redacción; redacción:; texto:; editado por; por:; por la redacción; de nuestro corresponsal",
        "it": "autore:; autrice:; a cura di; scritto da; di redazione; articolo di; redazione:; pubblicato da; di:; dal nostro; della redazione; redazione online",
        "pt": "autor:; autora:; escrito por; publicado por; por redação; da redação; redação:; edição:; por agência; texto:; por:; da agência; do nosso",
        "nl": "auteur:; auteurs:; geschreven door; door onze; van onze redactie; van onze verslaggever; tekst:; redactie:; door redactie; door de redactie; door:; door een; van onze",
        "pl": "autor:; autorka:; autorzy:; oprac.*; opracował; opracowała; opracowanie:; oprac:; rozmawiał:; rozmawiała:; tekst:; red.*; tłum.*; opr.*; opracowanie własne; od naszego",
        "cs": "autor:; autorka:; autoři:; napsal:; připravil:; text:; redakce:",
        "ru": "автор:; авторы:; текст:; подготовил; подготовила; редактор:; автор текста:; материал подготовил; корреспондент:",
        "uk": "автор:; автори:; авторка:; текст:; підготував; підготувала; редактор:; матеріал підготував",
        "tr": "haber:; yazar:; yazan:; editör:; muhabir:; haber merkezi:; kaynak editör:; hazırlayan:",
        "ar": "بقلم; الكاتب:; كتب:; كتبت:; تحرير:; اعداد:; المحرر:; الكاتبة:; ترجمة:",
        "bg": "автор:; автори:; текст:; от редакцията; редактор:; репортер:",
    },
    Furniture.AUTHOR_BOX: {
        "de": "über den autor; über die autorin; über die autoren; zur person:; zum autor; zur autorin; alle artikel von; mehr von diesem autor; weitere artikel von",
        "en": "about the author; about the writer; more from this author; view all posts by; see all posts by; more by this author; view author archive; all posts by; about the authors; posts by",
        "fr": "à propos de l'auteur; l'auteur:; voir tous les articles de; tous les articles de; plus d'articles de",
        "es": "sobre el autor; sobre la autora; acerca del autor; ver todas las entradas de; más de este autor",
        "it": "sull'autore; informazioni sull'autore; tutti gli articoli di; altri articoli di; l'autore:",
        "pt": "sobre o autor; sobre a autora; ver todos os posts de; mais deste autor; ver todos os artigos de",
        "nl": "over de auteur; alle artikelen van; meer van deze auteur; bekijk alle berichten van",
        "pl": "o autorze; o autorce; wszystkie artykuły autora; zobacz wszystkie wpisy",
        "cs": "o autorovi; o autorce; všechny články autora; další články autora",
        "ru": "об авторе; все статьи автора; все материалы автора; другие материалы автора",
        "uk": "про автора; про авторку; всі статті автора; усі матеріали автора; всі матеріали автора",
        "tr": "yazar hakkında; yazarın diğer yazıları; yazarın tüm yazıları; tüm yazıları",
        "ar": "عن الكاتب; نبذة عن الكاتب; المزيد من مقالات",
        "bg": "за автора; всички статии от; още от автора",
    },
    Furniture.COMMENTS: {
        "de": "schreiben sie einen kommentar; diskutieren sie mit; ihre e-mail-adresse wird nicht veröffentlicht; deine e-mail-adresse wird nicht veröffentlicht; erforderliche felder sind; reden sie mit; bitte loggen sie sich; wortspuren",
        "en": "your email address will not be published; required fields are marked; what do you think; have your say; join the conversation; save my name, email; you must be logged in to; notify me of; log in to leave; tell us what you think; let us know what you think; be the first to comment; comments are closed",
        "fr": "votre adresse e-mail ne sera pas; votre adresse de messagerie ne sera pas; les champs obligatoires; votre adresse email ne sera pas; connectez-vous pour commenter; réagissez; vos réactions",
        "es": "tu dirección de correo electrónico no será; los campos obligatorios; su dirección de correo electrónico no será; únete a la conversación; inicia sesión para comentar; danos tu opinión",
        "it": "il tuo indirizzo email non sarà; il tuo indirizzo e-mail non sarà; i campi obbligatori; di' la tua; partecipa alla discussione; accedi per commentare",
        "pt": "o seu endereço de e-mail não será; o seu endereço de email não será; os campos obrigatórios; participe da conversa; o seu endereço eletrónico não; campos obrigatórios",
        "nl": "je e-mailadres wordt niet; het e-mailadres wordt niet; vereiste velden; praat mee; je moet ingelogd zijn",
        "pl": "twój adres e-mail nie zostanie; twój adres email nie zostanie; wymagane pola; dołącz do dyskusji; zaloguj się, aby",
        "cs": "vaše e-mailová adresa nebude; vyžadované informace; zapojte se do diskuse; vstoupit do disku",
        "ru": "ваш адрес email не будет; ваш e-mail не будет; обязательные поля; войдите, чтобы; чтобы оставить комментарий; присоединяйтесь к обсуждению",
        "uk": "ваша e-mail адреса не; ваша email адреса не; обов'язкові поля; обов’язкові поля; увійдіть, щоб; щоб залишити коментар",
        "tr": "e-posta hesabınız yayımlanmayacak; e-posta adresiniz yayınlanmayacak; gerekli alanlar; yorum yapabilmek için; bir yanıt yazın; bir cevap yazın; düşüncelerinizi",
        "ar": "لن يتم نشر عنوان بريدك; الحقول الالزامية; شاركنا رايك; ما رايك",
        "bg": "вашият имейл адрес няма; задължителните полета; вашата електронна поща; за да коментирате; включете се в дискусията",
    },
    Furniture.SHARE: {
        "de": "diesen artikel teilen; artikel teilen; beitrag teilen; folgen sie uns; folge uns; folgt uns; teilen sie diesen; teilen mit:; sharen mit:; teilen sie dies mit; gefällt mir; sei der erste dem; bloggern gefällt; hat ihnen der artikel gefallen; artikel gefallen",
        "en": "share this; share on; share via; follow us; follow him on; follow her on; follow them on; like us on; find us on; click to share; like this:; spread the word; send tips to; sharing is caring; stay connected",
        "fr": "partager sur; partager cet; partagez; partager l'article; suivez-nous; retrouvez-nous sur; partager:; suivez nous",
        "es": "compartir en; compartir esta; compartir este; comparte en; comparte esta; síguenos; siguenos en; compartir:; sigue a; síguenos en",
        "it": "condividi su; condividi con; condividi l'articolo; condividi questo; condividi:; seguici su; seguici anche",
        "pt": "compartilhe no; compartilhe na; compartilhe esta; compartilhe este; compartilhe:; compartilhar no; siga-nos; partilhar artigo; partilhar:; siga o; siga a; siga nosso",
        "nl": "deel dit; deel op; deel via; deel deze; delen op; volg ons; delen:; deel:",
        "pl": "udostępnij na; udostępnij; podziel się; obserwuj nas; polub nas; śledź nas; znajdź nas na",
        "cs": "sdílet na; sdílejte; sledujte nás; sdílet:; sdílet článek",
        "ru": "поделиться в; поделиться:; поделитесь; следите за нами; мы в; читайте нас в; следите за нашими; мы в соцсетях; читайте нас",
        "uk": "поділитися у; поділитися в; поділитися:; поділіться; стежте за нами; ми в; читайте нас у; читайте нас в; слідкуйте за нами",
        "tr": "bizi takip edin; haberi paylaş; bu haberi paylaş; paylaş:; sosyal medyada paylaş; bizi sosyal medyada; google news'te",
        "ar": "شارك على; شارك عبر; شارك هذا; شارك هذه; شارك:; تابعنا على; تابعونا على; شارك المقال; شارك الخبر; تابعوا",
        "bg": "сподели в; сподели във; споделете в; споделете във; сподели:; последвайте ни; следвайте ни; следете ни",
    },
    Furniture.NEWSLETTER: {
        "de": "newsletter:; newsletter abonnieren; jetzt abonnieren; push-nachrichten; mit der anmeldung; du willst nichts; verpasse keine; verpassen sie keine; immer aktuell informiert; nichts mehr verpassen; melden sie sich; jede woche neu; nichts verpassen",
        "en": "sign up for; sign up to; subscribe to our; subscribe now; get our; subscribe for; join our; get the latest; get email; download our app; get breaking news; never miss; stay up to date; stay informed; get the day; want more; sign me up; thanks for signing",
        "fr": "inscrivez-vous; abonnez-vous; recevez; je m'inscris; téléchargez l'application; s'inscrire à la newsletter",
        "es": "suscríbete; suscríbase; suscribete; recibe; regístrate; apúntate a; descarga la app; únete a nuestro canal; únete al canal",
        "it": "iscriviti; ricevi; abbonati; scarica l'app; resta aggiornato; unisciti al canale",
        "pt": "inscreva-se; receba; assine; cadastre-se; subscreva; baixe o aplicativo; entre no canal; entre no grupo; acompanhe",
        "nl": "meld je aan; schrijf je in; abonneer je; ontvang; schrijf u in; meld u aan; download de app",
        "pl": "zapisz się; subskrybuj; dołącz do nas; pobierz aplikację; bądź na bieżąco",
        "cs": "přihlaste se k; odebírejte; přihlásit k odběru; stáhněte si aplikaci; odebírat",
        "ru": "подпишитесь; подписывайтесь; подписаться; подпишись; будьте в курсе; скачайте приложение; подписка на; присоединяйтесь к нашему",
        "uk": "підписуйтесь; підписуйтеся; підпишіться; підписатися; підписатись; будьте в курсі; завантажте додаток; долучайтесь; приєднуйтесь до",
        "tr": "abone ol; e-bültenimize; bültenimize; haber bültenimize; uygulamamızı indirin; ücretsiz abone; kanalımıza; whatsapp kanalımıza",
        "ar": "اشترك في; اشتركوا في; سجل في; اشترك الان; اشترك; حمل التطبيق; انضم الى; حمل تطبيق; حمل تطبيقنا; لتصلك; تابع قناتنا",
        "bg": "абонирайте се; абонирай се; запишете се за; получавайте; изтеглете приложението; абонамент за",
    },
    Furniture.SUBSCRIPTION: {
        "de": "weiterlesen mit; jetzt weiterlesen; sie haben bereits ein abo; möchten sie weiterlesen; wählen sie ihren zugang; exklusiv für abonnenten; nur für abonnenten; jetzt testen; sie sind noch kein; noch kein abo; ja. ich; mitglied werden; wir sind spendenfinanziert*; unterstützen sie uns; unterstütze uns; unterstützen sie unsere; unterstützen sie den; werden sie mitglied; du musst angemeldet sein*; sie sind aktuell nicht*; ausgabe kaufen; artikel verschenken; dieser artikel ist teil; jetzt kostenlos testen; jetzt abo",
        "en": "already a subscriber; subscribe to continue; subscribe to read; to continue reading; this article is for subscribers; subscribers only; for subscribers; this content is for; already have an account; start your free trial; support our journalism; support independent journalism; unlock this; become a member; log in to continue; you have reached your limit; premium content; donate now; make a donation; enjoying this; support us; support our; support the; register to read; register now; gift this article; you have been reading; you’ve reached; get unlimited",
        "fr": "article réservé; réservé aux abonnés; déjà abonné; il vous reste; la suite est réservée; contenu réservé; pour lire la suite; cet article est réservé; soutenez; faire un don; offrir cet article; offrir l'article; abonné; lecture réservée; abonnez-vous pour",
        "es": "contenido exclusivo; solo para suscriptores; exclusivo para suscriptores; ya eres suscriptor; para seguir leyendo; este contenido es exclusivo; hazte socio; apoya el periodismo; regala esta noticia; conviértete en; suscriptor:",
        "it": "articolo riservato; contenuto riservato; sei già abbonato; per continuare a leggere; riservato agli abbonati; sostieni; contenuto per gli abbonati; contenuto esclusivo; regala questo articolo; abbonati a",
        "pt": "conteúdo exclusivo; exclusivo para assinantes; já é assinante; para continuar lendo; artigo exclusivo; apoie o; para ler este artigo; assinantes:",
        "nl": "dit artikel is alleen; exclusief voor abonnees; al abonnee; lees verder met; alleen voor abonnees; steun onze; word abonnee; word lid; dit is een premium",
        "pl": "artykuł dostępny tylko; pozostało; treść dostępna; masz już subskrypcję; dalsza część artykułu dostępna; dostęp do; wesprzyj; wykup dostęp; artykuł premium; dla prenumeratorów",
        "cs": "tento článek je pouze; článek je určen; pro předplatitele; obsah pouze pro; už mám předplatné; předplaťte si; podpořte nás; tento článek je exkluzivní; exkluzivní obsah; podpořte",
        "ru": "материал доступен; только для подписчиков; полная версия доступна; поддержите; поддержать проект; оформите подписку; поддержите нас",
        "uk": "матеріал доступний; тільки для передплатників; лише для передплатників; підтримайте; підтримати редакцію; стати спільнотою; оформіть передплату",
        "tr": "bu içerik abonelere; sadece abonelere; yazının tamamını; haberin tamamı için; devamını okumak için; aboneyseniz; destek olun",
        "ar": "هذا المحتوى للمشتركين; للمشتركين فقط; لمتابعة القراءة; ادعم",
        "bg": "само за абонати; съдържанието е достъпно; вече сте абонат; подкрепете; статията е достъпна",
    },
    Furniture.COOKIES: {
        "de": "cookie-einstellungen; cookies akzeptieren; alle akzeptieren; alle cookies akzeptieren; empfohlener externer inhalt; an dieser stelle finden sie; externer inhalt; datenschutzeinstellungen; datenschutz-einstellungen; cookie-richtlinie",
        "en": "accept all; accept cookies; cookie settings; cookie policy; manage cookies; cookie preferences; privacy settings; allow twitter content; this article contains content provided by; this content is not available; we and our partners; i agree to; i agree my; by continuing to; by clicking",
        "fr": "accepter les cookies; tout accepter; gérer les cookies; paramétrer les cookies; paramètres des cookies; pour afficher ce contenu; nous et nos partenaires; continuer sans accepter; en cliquant sur; en poursuivant votre",
        "es": "aceptar cookies; aceptar todas; configurar cookies; política de cookies; configuración de cookies; nosotros y nuestros socios; si continúa navegando; si continuas navegando",
        "it": "accetta tutti; accetta i cookie; gestisci i cookie; cookie policy; preferenze cookie; accetta e continua; noi e i nostri partner; proseguendo la navigazione",
        "pt": "aceitar cookies; aceitar todos; política de cookies; gerenciar cookies; definições de cookies; ao continuar; nós e os nossos parceiros; ao clicar",
        "nl": "cookies accepteren; accepteer cookies; cookie-instellingen; cookiebeleid; alle cookies; deze inhoud is niet",
        "pl": "akceptuję; zaakceptuj; ustawienia cookies; polityka cookies; zgadzam się; akceptuj wszystkie; ustawienia prywatności; my i nasi partnerzy",
        "cs": "přijmout vše; souhlasím; nastavení cookies; přijmout cookies; zásady používání cookies; nastavení soukromí",
        "ru": "принять все; принять файлы cookie; согласен; настройки cookie; политика cookie",
        "uk": "прийняти всі; погоджуюсь; налаштування cookie; політика cookie",
        "tr": "çerezleri kabul; tümünü kabul; çerez politikası; çerez ayarları; kişisel verilerin korunması",
        "ar": "قبول الكل; سياسة ملفات تعريف; اوافق على",
        "bg": "приемам всички; приемам; настройки на бисквитките; политика за бисквитки",
    },
    Furniture.READ_MORE: {
        "de": "lesen sie auch; lesen sie mehr; lesen sie hier; lies auch; lies mehr; auch interessant; auch lesenswert; mehr zum thema; mehr dazu; siehe auch; hier weiterlesen; weiterlesen; das könnte sie auch; das könnte dich auch; das könnte ihnen; mehr lesen; zum thema:; ähnliche beiträge; ähnliche artikel; weitere artikel; weitere themen; passend zum thema; lesetipp:; lesetipps:; top-themen; meistgelesen; mehr aus; mehr auf; beiträge zum thema; weitere informationen zum; weitere aktuelle themen; neueste beiträge; beliebte beiträge; aktuelle beiträge; letzte artikel; zum artikel:; themenrelevante nachrichten; empfehlungen aus der redaktion; auch spannend; aktuelle news; die neuesten meldungen; meistdiskutiert; hintergrund:; video:; podcast:; vielleicht auch; mehr nachrichten; mehr artikel; dich interessiert; das interessiert; entdecke weitere; weitere inhalte; weitere nachrichten; weitere meldungen",
        "en": "read more; read also; also read; read next; read full; read the full; see also; see more; related:; related stories; related articles; related posts; related content; related news; related topics; recommended for you; recommended:; recommended stories; more on this; more from; more stories; more news; you may also; you might also; you may like; don't miss; up next; continue reading; keep reading; click here; most read; most popular; most viewed; trending now; trending:; editor's picks; editors' picks; explore more; latest news; latest stories; watch:; listen:; watch live; watch more; next article; previous article; further reading; in case you missed; must read; what to read next; top stories; latest on; in pictures:; explainer:; view more; the post; learn more; sign in to; live updates:; follow live; follow our live; most watched; most shared; more coverage; what you need to know:; read our; check out our",
        "fr": "lire aussi; à lire aussi; a lire aussi; à lire; à voir aussi; voir aussi; lire la suite; lire également; à lire également; lire plus; sur le même sujet; en savoir plus; plus d'infos; pour aller plus loin; lire l'article; les plus lus; articles similaires; à découvrir; notre dossier; nos articles; vous aimerez aussi; ça peut vous intéresser; cela pourrait vous intéresser; à ne pas manquer; recommandé pour vous; écouter aussi; écoutez aussi; regarder aussi; lire:; vidéo:; d'autres articles; plus d'articles; les plus vus; suivez notre direct; notre sélection; nos autres articles; contenus sponsorisés",
        "es": "lea también; leer también; lee también; lea además; lee más; leer más; lea más; le puede interesar; te puede interesar; puede interesarle; te recomendamos; le recomendamos; ver también; vea también; ver más; mira también; también te puede; quizás te interese; te puede gustar; noticias relacionadas; más información; más noticias; más sobre; sigue leyendo; seguir leyendo; además:; video:; vídeo:; lo más leído; lo más visto; más leídas; artículos relacionados; no te pierdas; contenido relacionado; relacionado:; relacionadas:; más en; puedes leer; lo último; las más leídas; otras noticias; lea aquí; lee aquí; mire también; consulta también",
        "it": "leggi anche; leggi tutto; leggi di più; leggi pure; leggi l'articolo; vedi anche; guarda anche; ti potrebbe interessare; potrebbe interessarti; potrebbe interessarti anche; articoli correlati; per approfondire; approfondisci; approfondimenti:; continua a leggere; continua la lettura; altre notizie; da non perdere; i più letti; le più lette; notizie correlate; video:; guarda il video; leggi su; altri articoli; scopri di più; vai a tutte; tutte le notizie; ultime notizie; le ultime notizie; leggi le altre",
        "pt": "leia também; leia mais; leia ainda; veja também; veja mais; ler mais; leia a; saiba mais; confira também; confira:; confira mais; assista também; continue lendo; continua a ler; ler também; mais notícias; notícias relacionadas; mais lidas; últimas notícias; assista:; vídeo:; você também pode; você pode gostar; pode interessar; artigos relacionados; relacionadas:; mais sobre; não perca; ouça:; vídeos:; veja os vídeos; veja as; últimas do; outras notícias; mais vistas; veja a seguir",
        "nl": "lees ook; lees meer; lees verder; lees hier; bekijk ook; zie ook; meer over; meer nieuws; gerelateerd:; gerelateerde artikelen; meest gelezen; luister ook; aanbevolen; dit vind je misschien; ook interessant; verder lezen; meer lezen; het laatste nieuws; bekijk meer; kijk ook; bekijk hier; bekijk alle; meer artikelen; het belangrijkste nieuws; best gelezen",
        "pl": "czytaj też; czytaj także; czytaj więcej; czytaj również; czytaj dalej; przeczytaj też; przeczytaj także; przeczytaj również; przeczytaj więcej; zobacz też; zobacz także; zobacz również; zobacz więcej; zobacz:; czytaj:; przeczytaj:; polecamy; polecane; powiązane artykuły; więcej na ten temat; więcej o; warto przeczytać; najczęściej czytane; może cię zainteresować; sprawdź:; sprawdź też; sprawdź także; dowiedz się więcej; dalsza część; dalszy ciąg; wideo:; najnowsze; podobne artykuły; to też może; obejrzyj:; obejrzyj też; więcej informacji; więcej wiadomości; więcej aktualności; inne artykuły; najpopularniejsze; przeczytaj:",
        "cs": "čtěte také; čtěte též; čtěte více; čtěte i; čtěte:; přečtěte si; související články; související:; mohlo by vás zajímat; mohlo by vás také; další články; více k tématu; více o; nejčtenější; podívejte se; zobrazit více; čtěte dále; číst dál; čtěte dál; viz také; více:; tip:; doporučujeme; k tématu:; video:; více čtěte; další zprávy; více zpráv; nejnovější zprávy; nejčtenější články; přečtěte si také; mohlo by se vám",
        "ru": "читайте также; читать также; читайте ещё; читать далее; читать полностью; читайте:; читайте далее; читать:; смотрите также; смотреть также; смотрите:; подробнее:; подробнее о; подробнее; по теме:; материалы по теме; ещё по теме; другие новости; новости по теме; самое читаемое; самое популярное; рекомендуем; вам может быть интересно; вас может заинтересовать; это может быть интересно; главное за день; главные новости; последние новости; похожие новости; также читайте; также по теме; ранее по теме; видео:; видео по теме; не пропустите; новости партнеров; больше новостей; все новости; самые читаемые; выбор редакции; главное сегодня; материалы партнеров",
        "uk": "читайте також; читати також; читайте ще; читати далі; читати більше; читайте:; читайте далі; дивіться також; дивіться:; детальніше:; детальніше; більше за темою; за темою:; по темі:; матеріали за темою; інші новини; новини за темою; останні новини; рекомендуємо; вас може зацікавити; вам може бути цікаво; це може бути цікаво; головне за день; популярні новини; також читайте; схожі новини; відео:; нагадаємо, читайте; більше новин; докладніше:; актуальне:; популярне; новини партнерів; всі новини; усі новини; найпопулярніше; вибір редакції; матеріали партнерів",
        "tr": "ilginizi çekebilir; ayrıca okuyun; ayrıca bakınız; bunlar da ilginizi; devamını oku; daha fazla; ilgili haberler; ilgili haber:; benzer haberler; haberin devamı; okumak için tıklayın; detaylar için tıklayın; tıklayın; bakınız:; sıradaki haber; önerilen haberler; son dakika haberleri; ayrıntılar için; çok okunanlar; en çok okunan; tıkla; diğer haberler; izle:; video:; ilgili konular; bunu da oku; bunları da; en çok okunanlar; daha fazla haber; son haberler; tüm haberler; bunlara da bak",
        "ar": "اقرا ايضا; اقرا المزيد; اقرا كذلك; شاهد ايضا; شاهد:; اقرا:; مواضيع ذات صلة; مقالات ذات صلة; اخبار ذات صلة; مواضيع متعلقة; قد يهمك; قد يعجبك; للمزيد; تابع القراءة; الاكثر قراءة; موضوعات ذات صلة; ذات صلة; طالع ايضا; قصص مقترحة; المزيد حول; لقراءة المزيد; فيديو:; الاكثر مشاهدة; الاكثر تداولا; اخر الاخبار; اخبار متعلقة; شاهد:; اخترنا لك; موضوعات متعلقة",
        "bg": "вижте още; виж още; прочетете още; прочети още; вижте също; виж също; прочетете също; още по темата; още от; свързани статии; свързани новини; четете още; чети още; още новини; най-четени; препоръчваме; научете повече; вижте повече; подобни новини; последни новини; видео:; не пропускайте; вижте и; прочетете и; най-нови; най-новото; още по; водещи новини; всички новини; още новини; избрано",
    },
    Furniture.TAGS: {
        "de": "schlagworte:; schlagwörter:; tags:; themen:; stichworte:; kategorie:; kategorien:; thema:; mehr zu:; abgelegt unter; verschlagwortet mit; artikel mit dem tag; mehr zu den themen",
        "en": "tags:; tag:; topics:; topics in this story; filed under; posted in; categories:; category:; related topics; keywords:; tagged:; tagged with; tagged as; more about:; this entry was posted*; in this story",
        "fr": "mots-clés:; tags:; thèmes:; catégories:; étiquettes:; sujets:; catégorie:; dans cet article",
        "es": "etiquetas:; temas:; temas relacionados; palabras clave:; archivado en; categorías:; más sobre:; tags:; noticias sobre; categoría:; etiquetado",
        "it": "tag:; tags:; argomenti:; categorie:; categoria:; parole chiave:; etichette:",
        "pt": "tags:; etiquetas:; assuntos:; tópicos:; palavras-chave:; categorias:; mais sobre:; categoria:; temas:",
        "nl": "tags:; trefwoorden:; onderwerpen:; categorie:; categorieën:; meer over:; dossier:",
        "pl": "tagi:; słowa kluczowe:; tematy:; kategoria:; kategorie:; więcej o:; tematy w artykule; oznaczone",
        "cs": "štítky:; témata:; tagy:; klíčová slova:; rubrika:; kategorie:; štítek:; téma:",
        "ru": "теги:; тэги:; метки:; темы:; рубрика:; рубрики:; ключевые слова:; категория:; тег:; сюжет:; сюжеты:; тема:",
        "uk": "теги:; мітки:; теми:; рубрика:; рубрики:; ключові слова:; категорія:; тег:; тема:; сюжет:",
        "tr": "etiketler:; etiket:; anahtar kelimeler:; kategori:; konular:; kategoriler:",
        "ar": "الكلمات المفتاحية; الكلمات الدالة; كلمات مفتاحية; الوسوم; وسوم:; تصنيف:; العلامات:; كلمات دلالية; تصنيفات:",
        "bg": "тагове:; етикети:; ключови думи:; категория:; категории:; теми:; рубрика:",
    },
    Furniture.IMAGE_CREDIT: {
        "de": "foto:; fotos:; bild:; bilder:; bildquelle:; symbolbild:; symbolfoto:; archivbild:; archivfoto:; grafik:; fotocredit:; foto von:; bildnachweis:; illustration:; titelbild:; quelle foto:; zum vergrößern; bildrechte:",
        "en": "photo:; photos:; image:; images:; picture:; pictures:; photo by; photograph by; photograph:; photo credit; photo courtesy; file photo; file image; file picture; image credit; image source; image caption; image copyright; media caption; image via; picture by; graphic:; illustration:; illustration by; photo via; featured image; stock photo; getty images; (photo by; credit:; caption:; cover photo; image:; screenshot:; picture courtesy; images via; ap photo; toggle caption; enlarge this image; hide caption; reuters/*; afp/*; ap/*",
        "fr": "photo:; photos:; crédit photo; crédits photo; crédit:; crédits:; image:; légende:; illustration:; photo d'illustration; photo prétexte; photo d'archives; © photo",
        "es": "foto:; fotos:; fotografía:; imagen:; crédito:; créditos:; imagen de archivo; foto de archivo; foto de; imágenes:; fotografías:; ilustración:; infografía:; imagen referencial",
        "it": "foto:; fotografia:; immagine:; immagini:; crediti:; foto di; foto d'archivio; credit:; photo credit; foto ansa; immagine di repertorio; fonte foto:",
        "pt": "foto:; fotos:; imagem:; crédito:; créditos:; crédito da foto; imagem ilustrativa; fotografia:; foto de; imagens:; reprodução/; reprodução:; divulgação/; ilustração:; legenda:",
        "nl": "foto:; foto's:; beeld:; afbeelding:; foto door; beeld door; archieffoto:; fotograaf:; illustratie:; foto ter illustratie; credits:",
        "pl": "fot.*; foto:; zdjęcie:; zdjęcia:; fot:; źródło zdjęcia; źródło zdjęć; fotografia:; zdjęcie ilustracyjne; zdjęcie główne; grafika:; źródło obrazu",
        "cs": "foto:; fotografie:; zdroj foto; ilustrační foto; ilustrační snímek; ilustrační:; snímek:; autor foto; foto -; foto |; obrázek:; zdroj fotografie",
        "ru": "фото:; фотография:; фото из; фото с; иллюстрация:; снимок:; фото автора; изображение:; скриншот:; источник фото; кадр:; на фото:; автор фото; инфографика:; фото ©; © фото; скриншот с",
        "uk": "фото:; фото з; фото із; ілюстрація:; знімок:; зображення:; скріншот:; джерело фото; ілюстративне фото; на фото:; колаж:; світлина:; фото ілюстративне; скриншот:; фото надане",
        "tr": "fotoğraf:; foto:; fotoğraflar:; görsel:; fotoğraf kaynağı; arşiv:; kaynak fotoğraf; kamera:; haber-kamera; temsili fotoğraf; kaynak,",
        "ar": "الصورة:; صورة:; تصوير:; صورة ارشيفية; صور:; صدر الصورة; التعليق على الصورة; مصدر الصورة; المصور:; صورة من",
        "bg": "снимка:; снимки:; фото:; източник на снимката; снимката е; илюстрация:; архивна снимка; колаж:; кадър:; снимката:; сн.*",
    },
    Furniture.ADVERT: {
        "de": "anzeige:; nach der anzeige; werbung:",
        "en": "advertisement; story continues below; article continues below; scroll to continue; story continues after; article continues after; paid content; sponsored content; sponsored by; ad feedback; promoted content",
        "fr": "publicité:; contenu sponsorisé; la suite après; la suite de votre contenu; contenu partenaire; sponsorisé",
        "es": "publicidad:; contenido patrocinado; contenido publicitario",
        "it": "contenuto sponsorizzato; pubblicità:",
        "pt": "continua depois da publicidade; continua após a publicidade; conteúdo patrocinado; publicidade:",
        "nl": "advertentie:; artikel gaat verder; tekst gaat verder; lees verder onder",
        "pl": "dalsza część artykułu pod; dalsza część tekstu pod; reszta artykułu; materiał sponsorowany; artykuł sponsorowany; reklama:",
        "cs": "článek pokračuje; komerční sdělení; text pokračuje",
        "ru": "на правах рекламы; продолжение после рекламы; реклама:; партнерский материал",
        "uk": "на правах реклами; продовження після реклами; реклама:; партнерський матеріал",
        "tr": "haberin devamı aşağıda; haber devam ediyor; reklam:; reklamdan sonra",
        "ar": "محتوى مدفوع; اعلان:; مادة اعلانية",
        "bg": "платено съдържание; текстът продължава; продължава след рекламата",
    },
    Furniture.LEGAL: {
        "any": "c) 19*; c) 20*; copyright",
        "ru": "при использовании материалов; при цитировании; при перепечатке; мнение автора может*; мнение редакции может*; мнение редакции не*; перепечатка материалов",
        "uk": "при використанні матеріалів; при цитуванні; при передруці; думка автора може*; думка редакції може*; передрук матеріалів; редакція може не*",
        "en": "the views expressed*; the opinions expressed*; views expressed in*; opinions expressed in*; disclaimer:; this material may not*; no part of this",
        "de": "die meinung des autors*; die im text geäußerte*; gastbeiträge geben*; nachdruck nur*",
        "fr": "les opinions exprimées*; les propos exprimés*; toute reproduction",
        "es": "las opiniones expresadas*; las opiniones vertidas*; prohibida su reproducción",
        "pt": "as opiniões expressas*; proibida a reprodução",
        "it": "le opinioni espresse*",
        "pl": "opinie wyrażone*; kopiowanie",
        "cs": "publikování nebo*; názory autora*",
        "tr": "yasal uyarı; yazarın görüşleri*",
        "ar": "الاراء الواردة*; المقالات المنشورة*",
        "bg": "мнението на автора*; препечатването",
    },
    Furniture.FEEDBACK: {
        "de": "war der artikel; war dieser artikel; ist dieser beitrag; war dieser beitrag; fehler gefunden; haben sie einen fehler; fehler melden; artikel bewerten; möchten sie den artikel; korrektur melden; haben sie hinweise; haben sie anregungen; ihre meinung:; schreiben sie uns; bewerten sie; kontakt zur redaktion; noch keine bewertungen; deal abgelaufen",
        "en": "was this article helpful; was this helpful; was this page helpful; report an error; report a typo; report a correction; found a mistake; spotted an error; rate this; send feedback; give feedback; got a tip; do you have a story; have a tip; send us your; contact the reporter; email the author; write to us; contact us at; to contact the",
        "fr": "signaler une erreur; une erreur dans l'article; une faute; cet article vous a-t-il; vous avez trouvé; vous avez repéré; une coquille; une question, une remarque; contactez-nous; pour contacter",
        "es": "reportar error; reportar un error; informar de un error; ha sido útil; te ha gustado; ¿te ha; escríbenos; contáctanos; envíanos; ¿has encontrado",
        "it": "segnala un errore; hai trovato un errore; ti è piaciuto; segnala errore; scrivici; contattaci; hai una segnalazione",
        "pt": "encontrou um erro; reportar erro; comunicar erro; viu algum erro; reportar um erro; comunicar um erro; relatar erro; fale com; envie sua; entre em contato; tem alguma",
        "nl": "fout gezien; foutje gezien; tip de redactie; meld een fout; heb je een tip; fout gevonden; tip ons; heb je een vraag; mail de redactie; heb je een",
        "pl": "zgłoś błąd; widzisz błąd; znalazłeś błąd; masz dla nas temat; oceń artykuł; masz temat; zauważyłeś błąd; oceń:; masz uwagi; napisz do nas; skontaktuj się; masz pytania; czekamy na",
        "cs": "nahlásit chybu; našli jste chybu; našli jste v článku; líbil se vám článek; máte tip; upozornit na chybu; napište nám; pište nám; líbí se vám; máte zajímavý",
        "ru": "нашли ошибку; нашли опечатку; заметили ошибку; если вы заметили ошибку*; если вы нашли ошибку*; обнаружили ошибку; сообщить об ошибке; если вы обнаружили ошибку*; увидели ошибку; пишите нам; напишите нам; есть новость; присылайте",
        "uk": "знайшли помилку; помітили помилку; якщо ви помітили помилку*; якщо ви знайшли помилку*; побачили помилку; повідомити про помилку; якщо ви виявили помилку*; пишіть нам; напишіть нам; маєте новину; надсилайте",
        "tr": "hata bildir; yazım hatası; bu haberi beğendiniz; hatayı bildir; bize yazın; ihbar hattı; habere ifade; bize ulaşın",
        "ar": "ابلغ عن خطا; هل كان هذا; الابلاغ عن خطا; راسلنا; تواصل معنا; للتواصل معنا",
        "bg": "видяхте грешка; открихте грешка; сигнализирайте; съобщете за грешка; намерихте грешка; изпратете ни; пишете ни; имате новина; изпращайте",
    },
    Furniture.NAVIGATION: {
        "de": "zum seitenanfang; zurück zur; zur startseite; nach oben; zum inhalt; nächster artikel; vorheriger artikel; nächster beitrag; vorheriger beitrag; lade weitere; mehr laden; aktuelle seite:; sie sind hier:; sie befinden sich hier; über uns; seite drucken; artikel drucken; als pdf; alle pressemitteilungen; online-pressemappe; angemeldet bleiben; volltext-suche; telefon:; tel.:; fax:; vorlesen; artikel vorlesen; artikel anhören; lade weitere; zur erweiterten; weiter zu; zum vergrößern; vergrößern; besucher sind; quellen ausblenden; quellen anzeigen; kostenlose beratung; seite 1 von; video verfügbar bis",
        "en": "skip to; back to top; back to; jump to; return to; next post; previous post; load more; show more; you are here; table of contents; all rights; view comments; go to homepage; close menu; open menu; terms of use; privacy policy; listen to this article; listen to article; play audio; pdf version; print this; log in; sign in; you are using; your browser; this video is; javascript is; enable javascript; loading…; loading...; about us; contact us; do not sell; listen to this; listen now; page 1 of; read time; tap here; click to enlarge; enlarge image; view gallery; view comments; be part of; bookmark the; powered by",
        "fr": "retour à; haut de page; aller au contenu; voir plus; article suivant; article précédent; mentions légales; écouter l'article; conditions générales; charte des; chargement; qui êtes-vous; veuillez vous connecter; écouter cet; écouter la; agrandir; pour créer des; page 1 sur",
        "es": "volver a; ir al contenido; cargar más; siguiente artículo; anterior artículo; artículo anterior; artículo siguiente; escuchar artículo; escuchar este; tu navegador; aviso legal; escucha la; escucha este; escuchar la",
        "it": "torna a; torna su; vai al contenuto; carica altri; articolo precedente; articolo successivo; ascolta l'articolo; mostra altro; ascolta la versione; ascolta questo; ascolta la",
        "pt": "voltar ao; ir para o conteúdo; carregar mais; próximo artigo; artigo anterior; ouvir notícia; ouça este; seu navegador",
        "nl": "terug naar; ga naar de inhoud; laad meer; volgende artikel; vorige artikel; luister naar dit; naar boven; toon meer",
        "pl": "powrót do; przejdź do; wróć do; następny artykuł; poprzedni artykuł; posłuchaj artykułu; załaduj więcej; strona główna; pokaż więcej; zmiany personalne",
        "cs": "zpět na; přejít k; další článek; předchozí článek; načíst další; přeskočit na; poslechnout článek; hlavní stránka",
        "ru": "вернуться к; вернуться на; перейти к; показать ещё; загрузить ещё; следующая статья; предыдущая статья; на главную; к списку новостей; версия для печати; следующая новость; предыдущая новость; ваш браузер; версия для слабовидящих; слушать новость; слушать статью; прослушать",
        "uk": "повернутися до; перейти до; показати ще; завантажити ще; наступна стаття; попередня стаття; на головну; до списку новин; версія для друку; наступна новина; попередня новина; слухати новину; версія для слабозорих; прослухати",
        "tr": "ana sayfaya dön; sayfa başına; önceki haber; sonraki haber; daha fazla göster; haberi dinle; içeriğe geç",
        "ar": "العودة الى; الانتقال الى; تحميل المزيد; المقال التالي; المقال السابق; عرض المزيد; استمع الى; اظهر المزيد; تخطي الى",
        "bg": "назад към; към съдържанието; зареди още; следваща статия; предишна статия; версия за печат; към началото; покажи още; обратно към",
    },
}  # fmt: skip

PAIRS: Final[Table] = {
    Furniture.COOKIES: {
        "de": "cookies cookie | wir unser unsere unserer unseren nutzererlebnis einverstanden akzeptieren akzeptieren datenschutzerklärung",
        "en": "cookies cookie | we our your you consent",
        "fr": "cookies cookie traceurs | nous notre nos vos votre acceptez",
        "es": "cookies cookie | utilizamos usamos nuestro nuestra nuestros aceptas acepta",
        "it": "cookie cookies | utilizziamo usiamo nostro nostri acconsenti accetti tuo",
        "pt": "cookies cookie | usamos utilizamos nosso nossa aceita concorda",
        "nl": "cookies cookie | wij we onze akkoord",
        "pl": "cookies cookie ciasteczka ciasteczek | używamy stosujemy nasza naszej korzystamy zgodę prywatności",
        "cs": "cookies cookie | používáme souhlasíte souhlas náš",
        "ru": "cookie cookies куки | используем наш соглашаетесь согласие",
        "uk": "cookie cookies куки | використовуємо наш погоджуєтесь погоджуєтеся згоду",
        "tr": "çerez çerezler çerezleri çerezlerin cookie | sitemizde sitemiz kullanıyoruz politikamızı",
        "ar": "الكوكيز الارتباط كوكيز | نستخدم موقعنا توافق تجربتك",
        "bg": "бисквитки бисквитките cookie cookies | използваме нашия съгласявате нашият",
    },
    Furniture.NEWSLETTER: {
        "de": "newsletter newslettern newsletters | abonnieren abonniere anmelden melden anmeldung jetzt kostenlos kostenlosen unser unseren unserem bestellen verpassen erhalten registrieren dein deinen postfach persönlicher personalisierter",
        "en": "newsletter newsletters inbox | sign subscribe your get free join our delivered receive daily",
        "fr": "newsletter newsletters infolettre | inscrivez abonnez recevez inscription inscrit gratuite gratuitement votre notre nos inscrire",
        "es": "newsletter boletín boletines | suscríbete suscríbase suscribirse recibe regístrate gratis apúntate",
        "it": "newsletter | iscriviti iscriversi ricevi nostra gratuita iscrizione tua",
        "pt": "newsletter newsletters | assine inscreva receba nossa cadastre grátis gratuitamente subscreva",
        "nl": "nieuwsbrief nieuwsbrieven newsletter | aan meld ontvang abonneer onze gratis inschrijven schrijf dagelijkse",
        "pl": "newsletter newslettera newsletterze | zapisz subskrybuj nasz naszego otrzymuj bądź dołącz zapisać",
        "cs": "newsletter newsletteru newslettery newsletterů odběru | přihlaste odebírejte náš našeho přihlásit",
        "ru": "канал рассылку телеграм telegram канале дзене | подпишитесь подписывайтесь подпишись читайте присоединяйтесь",
        "uk": "канал розсилку телеграм telegram каналі viber | підписуйтесь підписуйтеся підпишіться читайте долучайтесь приєднуйтесь",
        "tr": "bülten bültenimize bülteni bültenimiz | abone kaydolun ücretsiz",
        "ar": "نشرتنا قناتنا بريدك | اشترك اشتركوا سجل تابعونا انضم البريدية ليصلك",
        "bg": "бюлетин бюлетина нюзлетър | абонирайте абонирай запишете нашия получавайте",
    },
    Furniture.SUBSCRIPTION: {
        "de": "abonnenten abonnent abonnement abo digitalabo | bereits jetzt testen weiterlesen kündbar freischalten benötige",
        "en": "subscriber subscribers subscription paywall | already log",
        "fr": "abonnés abonné abonnement | réservé réservée déjà illimité",
        "es": "suscriptores suscriptor suscripción | exclusivo exclusiva ilimitado",
        "it": "abbonati abbonato abbonamento | riservato già illimitato esclusivi",
        "pt": "assinantes assinante assinatura | exclusivo exclusiva já ilimitado",
        "nl": "abonnees abonnement | alleen exclusief proefabonnement onbeperkt",
        "pl": "prenumerata subskrypcja subskrybentów prenumeratę | wykup masz",
        "cs": "předplatné předplatitele předplatitelů | pouze jen už",
        "ru": "подписчиков подписку подписка | оформите доступно",
        "uk": "передплатників передплату | оформіть лише тільки",
        "tr": "abonelere abonelik | sadece sınırsız",
        "ar": "للمشتركين المشتركين | فقط حصري",
        "bg": "абонати абонамент | само",
    },
    Furniture.SHARE: {
        "fr": "facebook twitter instagram tiktok youtube google réseaux | suivez",
        "es": "facebook twitter instagram tiktok youtube google redes | síguenos",
        "it": "facebook twitter instagram tiktok youtube google social | seguici",
        "pt": "facebook twitter instagram tiktok youtube google redes | siga",
        "nl": "facebook twitter instagram tiktok youtube | volg",
        "pl": "facebooku twitterze instagramie tiktoku youtube google | obserwuj polub",
        "cs": "facebooku twitteru instagramu tiktoku youtube | sledujte",
        "ru": "facebook twitter instagram вконтакте соцсетях | следите читайте",
        "uk": "facebook twitter instagram соцмережах | стежте читайте слідкуйте",
        "ar": "فيسبوك تويتر انستغرام | تابعونا",
        "bg": "facebook twitter instagram | последвайте",
    },
}  # fmt: skip

PHRASES: Final[Table] = {
    Furniture.LEGAL: {
        "de": "alle rechte vorbehalten; wurde automatisch übernommen",
        "en": "all rights reserved; may not be published, broadcast; may not be reproduced",
        "fr": "tous droits réservés; toute reproduction interdite",
        "es": "todos los derechos reservados; prohibida la reproducción; prohibida su reproducción",
        "it": "tutti i diritti riservati; riproduzione riservata",
        "pt": "todos os direitos reservados; é proibida a reprodução",
        "nl": "alle rechten voorbehouden",
        "pl": "wszelkie prawa zastrzeżone; wszystkie prawa zastrzeżone",
        "cs": "všechna práva vyhrazena",
        "ru": "все права защищены",
        "uk": "усі права захищені; всі права захищені",
        "tr": "tüm hakları saklıdır; her hakkı saklıdır",
        "ar": "جميع الحقوق محفوظة; كل الحقوق محفوظة",
        "bg": "всички права запазени; всички права са запазени",
    },
    Furniture.READ_MORE: {
        "en": "appeared first on; first appeared on",
        "de": "erschien zuerst auf",
        "fr": "est apparu en premier sur",
        "es": "apareció primero en; se publicó primero en",
        "it": "sembra essere il primo su",
        "pt": "apareceu primeiro em",
        "nl": "verscheen eerst op",
        "pl": "pochodzi z serwisu",
    },
    Furniture.SHARE: {
        "en": "follow us on; follow him on; follow her on; follow them on; follow me on; like us on; send your story ideas",
        "de": "in den sozialen netzwerken folgen; folgen sie uns; folge uns; folgt uns",
    },
    Furniture.NEWSLETTER: {
        "en": "subscribe to our; join us on telegram; join our telegram; join our whatsapp; sign up here",
        "de": "kanal abonnieren; whatsapp-kanal von; bei whatsapp folgen; push-mitteilungen aktivieren",
        "fr": "notre chaîne whatsapp; notre chaîne telegram; notre chaîne youtube",
        "es": "nuestro canal de; únete aquí",
        "it": "nostro canale whatsapp; nostro canale telegram",
        "pt": "nosso canal no; nosso canal de",
        "nl": "ons whatsapp-kanaal",
        "tr": "kanalımıza abone; kanalımıza katılın",
    },
    Furniture.COOKIES: {
        "de": "diese website verwendet; diese website nutzt; diese website benutzt; diese webseite verwendet; diese webseite nutzt; diese seite verwendet cookies; diese seite nutzt cookies",
        "en": "this website uses cookies; this site uses cookies; cookies to improve",
        "fr": "ce site utilise des cookies; ce site utilise",
        "es": "este sitio web utiliza; esta web utiliza; este sitio utiliza; esta página utiliza cookies",
        "it": "questo sito utilizza; questo sito usa; questo sito web utilizza",
        "pt": "este site utiliza; este site usa; este website utiliza",
        "nl": "deze website gebruikt; deze site gebruikt; website maakt gebruik van",
        "pl": "strona używa plików; strona korzysta z plików; serwis wykorzystuje pliki; serwis korzysta z plików",
        "cs": "tento web používá; tyto stránky používají; tyto webové stránky používají",
        "ru": "сайт использует файлы; сайт использует cookie; на сайте используются cookie",
        "uk": "сайт використовує файли; сайт використовує cookie",
        "bg": "сайт използва бисквитки; сайтът използва бисквитки",
    },
}  # fmt: skip

# Words that open a byline; what follows must look like names (lines.py).
BYLINE_WORDS: Final = "by von par por di de door"
# Lower-case words within names, and between them.
NAME_PARTICLES: Final = (
    "de da do dos das di del della der den van von zu zur vom al el bin ibn la le du des ter ten"
    " and und et y e en i a и та й ve und with avec mit con für in for"
)
# The line of an author box, "NAME is a ROLE for BEAT": a name first, then a word of each, in order.
BOX_VERBS: Final = "is ist est es è é jest je"
BOX_ROLES: Final = (
    "reporter correspondent editor journalist columnist writer author producer freelance"
    " redakteur redakteurin korrespondent korrespondentin autor autorin reporterin volontär"
    " journaliste rédacteur rédactrice correspondant correspondante periodista redactor redactora"
    " corresponsal giornalista redattore corrispondente jornalista repórter redator correspondente"
    " verslaggever redacteur dziennikarz dziennikarka redaktor redaktorka novinář novinářka"
)
BOX_BEATS: Final = (
    "covering covers who based contributes contributing specialising specializing at for focusing"
    " bei beim für im ressort schreibt berichtet chez au à pour en para del della per presso no na"
    " bij voor w dla v pro"
)
